// Package stage sets up what is measured: for each proxy a backend of its own,
// the proxy, and for Attune a redis-server, all on loopback ports that were
// free and all ended with the stage. Configurations of nginx and HAProxy are
// beside this file.
package stage
