package proxy

import "sync"

// jobs are goroutines that somebody waits for. The zero value takes jobs.
type jobs struct {
	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
}

// start runs a job; once stop was called, it does not: there is nobody left
// whom it could serve.
func (j *jobs) start(job func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.stopped {
		j.wg.Go(job)
	}
}

// stop takes no more jobs and waits for those that run.
func (j *jobs) stop() {
	j.mu.Lock()
	j.stopped = true
	j.mu.Unlock()
	j.wg.Wait()
}
