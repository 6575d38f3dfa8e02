package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"attune/proxy/proxytest/browser"
)

// The whole demo as people meet it: a customer loses patience, reads
// reworded replies, is offered a person and accepts; an agent takes over in
// another browser, talks, and returns the conversation to the bot.
func TestDemoInBrowser(t *testing.T) {
	chromium := browser.Start(t, 1200, 860)
	p := start(t, nil, "demo", "--page", "127.0.0.1:0")
	page := strings.TrimPrefix(p.line(), "widget: ")

	agent := open(t, chromium, page+"console")
	agent.Until(`document.querySelector('#line')?.dataset.state === 'live'`)
	customer := open(t, chromium, page)
	customer.Until(`document.querySelector('#state').textContent === 'Connected'`)

	customer.Do(chromedp.Click(chromedp.CSS("#play-lost-parcel")))
	customer.Until(`document.querySelector('.own q')`)
	customer.Until(`[...document.querySelectorAll('.own q')].some(q => q.textContent.includes('Great! 🎉 Your order 1182 is marked as lost.'))`)
	customer.Until(`[...document.querySelectorAll('.you .bubble')].some(b => b.textContent === 'yes please')`)
	customer.Until(`document.querySelector('#log > :last-child').className === 'attune'`)
	if got := customer.Text("#log"); strings.Count(got, "🎉") != 1 || !strings.Contains(got, "1182") {
		t.Errorf("the cheer about a loss stands elsewhere than in the bot's own words, or the order's number is gone:\n%s", got)
	}
	customer.shot("widget")

	agent.Until(`document.querySelectorAll('.row').length === 1`)
	agent.Do(chromedp.Click(chromedp.CSS(".row")))
	agent.Until(`!document.querySelector('#take').hidden`)
	agent.shot("console")
	if got := agent.Text("#log"); !strings.Contains(got, "The bot wrote:") {
		t.Errorf("the agent does not see what the bot wrote:\n%s", got)
	}
	agent.Do(chromedp.Click(chromedp.CSS("#take")))
	agent.Until(`document.activeElement.id === 'words'`)
	agent.Do(chromedp.SendKeys(chromedp.CSS("#words"), "Hello, Alex here. I send another one today."), chromedp.KeyEvent(kb.Enter))

	customer.Until(`document.querySelector('.agent .who')?.textContent === 'Alex, a person'`)
	customer.Do(chromedp.SendKeys(chromedp.CSS("#say"), "That is kind, thank you"+kb.Enter))
	agent.Until(`document.querySelector('#log').innerText.includes('That is kind, thank you')`)
	customer.shot("widget-agent")
	agent.shot("console-talking")
	if bots := customer.Text("#log"); strings.Count(bots, "Was this conversation helpful?") > 0 {
		t.Error("the bot talks over the agent")
	}

	agent.Do(chromedp.Click(chromedp.CSS("#return")))
	agent.Until(`document.querySelectorAll('.row').length === 0`)
	customer.Do(chromedp.SendKeys(chromedp.CSS("#say"), "hello, bot"+kb.Enter))
	customer.Until(`document.querySelector('#log > :last-child').className === 'bot'`)
	if strings.Contains(p.said(), "order 1182") {
		t.Error("the log holds what was said")
	}
}
