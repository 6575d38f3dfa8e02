//go:build !unix

package main

// descriptors is how many files and sockets this process may have open;
// where that has no limit of its own, a number that memory allows.
func descriptors() int { return 1 << 16 }
