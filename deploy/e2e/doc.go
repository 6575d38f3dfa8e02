// Package e2e holds conversations through the real program: the binary as it is
// built for users, a real redis-server, bots and widgets that nobody here wrote,
// and a browser. It has tests only.
package e2e
