package wire_test

import (
	"fmt"
	"log"

	"attune/proxy/wire"
)

// A reply is found in a message of the bot and reworded; every other byte stays.
func Example() {
	profile, err := wire.Lookup("botkit-web")
	if err != nil {
		log.Fatal(err)
	}
	bridge := profile.Open(wire.Upgrade{})
	msg := []byte(`{ "type":"message", "text":"I don\u0027t understand.", "seq":1.0 }`)
	var edits []wire.Edit
	for i, item := range bridge.Read(wire.Down, msg) {
		fmt.Println(item.Kind, item.Role)
		for j, text := range item.Texts {
			fmt.Println(text.Value)
			edits = append(edits, wire.Edit{Item: i, Text: j, With: "I'm not sure I follow. Could you say it another way?"})
		}
	}
	fmt.Printf("%s\n", bridge.Splice(nil, msg, edits))
	// Output:
	// message bot
	// I don't understand.
	// { "type":"message", "text":"I\u0027m not sure I follow. Could you say it another way?", "seq":1.0 }
}

// A profile of one's own is a few lines of YAML; what is wrong with it is said with the line quoted.
func ExampleParse() {
	_, err := wire.Parse("mybot.yaml", []byte(`profile: mybot
framing: raw
frames:
  - {dir: up, kind: mesage, text: ["$.body"]}
`))
	fmt.Println(err)
	// Output:
	// mybot.yaml:4:21: unknown word "mesage"
	//     - {dir: up, kind: mesage, text: ["$.body"]}
	//                       ^
	//   hint: did you mean message?
}

// Once its namespace is connected, a socket.io widget can be spoken to.
func ExampleTranslator_SayAgent() {
	profile, err := wire.Lookup("rasa-socketio")
	if err != nil {
		log.Fatal(err)
	}
	bridge := profile.Open(wire.Upgrade{})
	bridge.Read(wire.Down, []byte(`40{"sid":"87FxQVSTToD3WvstAAAB"}`))
	msg, err := bridge.SayAgent(nil, "Mia", "Hi, Mia here. I have read what happened.")
	fmt.Printf("%s %v\n", msg, err)
	// Output: 42["bot_uttered",{"text":"Hi, Mia here. I have read what happened.","metadata":{"agent":"Mia"}}] <nil>
}
