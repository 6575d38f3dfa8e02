//go:build race

package rules_test

// raceDetector is on: pools then drop what they are given at random, and neither allocations nor time can be held
// against a bound.
const raceDetector = true
