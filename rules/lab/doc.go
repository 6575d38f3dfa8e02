// Package lab looks at rules from outside: it reads recorded transcripts, runs them through a set and tells what the
// set made of them. Like package rules it is pure: it reads what it is handed and writes what it is asked for, and the
// same transcripts and set give the same bytes every time.
//
// A transcript file is JSON Lines, one conversation a line:
//
//	{"id":"c1","lang":"en","turns":[{"role":"customer","text":"where is my parcel"},
//	 {"role":"bot","text":"Sorry, I did not get that."}]}
//
// Fields nobody knows are kept. Errors name lines and turns, never what customers wrote.
package lab
