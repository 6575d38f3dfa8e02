package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The whole demo as people meet it: a customer loses patience, reads
// reworded replies, is offered a person and accepts; an agent takes over in
// another browser, talks, and returns the conversation to the bot.
func TestDemoInBrowser(t *testing.T) {
	browser := chromium(t)
	p := start(t, nil, "demo", "--page", "127.0.0.1:0")
	page := strings.TrimPrefix(p.line(), "widget: ")

	agent := open(t, browser, page+"console")
	agent.until(`document.querySelector('#line')?.dataset.state === 'live'`)
	customer := open(t, browser, page)
	customer.until(`document.querySelector('#state').textContent === 'Connected'`)

	customer.do(chromedp.Click(chromedp.CSS("#play-lost-parcel")))
	customer.until(`document.querySelector('.own q')`)
	customer.until(`[...document.querySelectorAll('.own q')].some(q => q.textContent.includes('Great! 🎉 Your order 1182 is marked as lost.'))`)
	customer.until(`[...document.querySelectorAll('.you .bubble')].some(b => b.textContent === 'yes please')`)
	customer.until(`document.querySelector('#log > :last-child').className === 'attune'`)
	if got := customer.text("#log"); strings.Count(got, "🎉") != 1 || !strings.Contains(got, "1182") {
		t.Errorf("the cheer about a loss stands elsewhere than in the bot's own words, or the order's number is gone:\n%s", got)
	}
	customer.shot("widget")

	agent.until(`document.querySelectorAll('.row').length === 1`)
	agent.do(chromedp.Click(chromedp.CSS(".row")))
	agent.until(`!document.querySelector('#take').hidden`)
	agent.shot("console")
	if got := agent.text("#log"); !strings.Contains(got, "The bot wrote:") {
		t.Errorf("the agent does not see what the bot wrote:\n%s", got)
	}
	agent.do(chromedp.Click(chromedp.CSS("#take")))
	agent.until(`document.activeElement.id === 'words'`)
	agent.do(chromedp.SendKeys(chromedp.CSS("#words"), "Hello, Alex here. I send another one today."), chromedp.KeyEvent(kb.Enter))

	customer.until(`document.querySelector('.agent .who')?.textContent === 'Alex, a person'`)
	customer.do(chromedp.SendKeys(chromedp.CSS("#say"), "That is kind, thank you"+kb.Enter))
	agent.until(`document.querySelector('#log').innerText.includes('That is kind, thank you')`)
	customer.shot("widget-agent")
	agent.shot("console-talking")
	if bots := customer.text("#log"); strings.Count(bots, "Was this conversation helpful?") > 0 {
		t.Error("the bot talks over the agent")
	}

	agent.do(chromedp.Click(chromedp.CSS("#return")))
	agent.until(`document.querySelectorAll('.row').length === 0`)
	customer.do(chromedp.SendKeys(chromedp.CSS("#say"), "hello, bot"+kb.Enter))
	customer.until(`document.querySelector('#log > :last-child').className === 'bot'`)
	if strings.Contains(p.said(), "order 1182") {
		t.Error("the log holds what was said")
	}
}
