//go:build race

package wire_test

// raceDetector is on: pools then drop what they are given at random, and allocations cannot be counted.
const raceDetector = true
