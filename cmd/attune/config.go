package main

import (
	"time"
)

// Config is everything that ATTUNE_* variables say. It is read once at start
// and does not change while the process runs; rule sets do, see `serve`.
//
// The tags are the reference: env and envDefault for the name and the
// default, help for the meaning that `attune config` and README.md show.
type Config struct {
	Listen        string `env:"ATTUNE_LISTEN" envDefault:":8080" help:"address for widgets"`
	ConsoleListen string `env:"ATTUNE_CONSOLE_LISTEN" envDefault:"127.0.0.1:8081" help:"address for the console, the API and agents; always authenticated"`
	AdminListen   string `env:"ATTUNE_ADMIN_LISTEN" envDefault:"127.0.0.1:9090" help:"address for health, metrics, reload, drain, profiles and traces"`

	BackendURL     string `env:"ATTUNE_BACKEND_URL" help:"the bot: ws:// or wss://, host, optional base path; the widget's path and query are appended"`
	BackendHTTPURL string `env:"ATTUNE_BACKEND_HTTP_URL" help:"where HTTP companion routes of the profile go: http:// or https://; unset = same host as the bot"`
	Profile        string `env:"ATTUNE_PROFILE" envDefault:"json" help:"how the bot shapes its messages: name of a shipped profile or path of a file"`
	Routes         string `env:"ATTUNE_ROUTES" help:"YAML file with several routes (host, path prefix) to backends"`
	Rules          string `env:"ATTUNE_RULES" help:"directory with rule packs; unset = shipped packs, an empty directory = change and detect nothing, redis = what attune rules push puts into Redis"`
	Mode           string `env:"ATTUNE_MODE" envDefault:"full" help:"full, tone (rewrites only), escalation (no rewrites), observe (count; only explicit requests and crisis act), observe-all (count)"`

	RedisURL Secret `env:"ATTUNE_REDIS_URL" help:"redis://, rediss:// or unix://; several hosts = Cluster, master=NAME = Sentinel; unset = embedded store for one node, forgets on exit"`

	Secret Secret `env:"ATTUNE_SECRET" help:"at least 32 characters, the same on all nodes: encrypts words of Attune and agents that wait, at most 5 minutes, in Redis for a sign that the widget has them; unset = they wait in memory and are lost with the node"`

	Origins        []string `env:"ATTUNE_ORIGINS" help:"pages that may connect, as https://host[:port], comma-separated; none = also without Origin, * = all; unset = Origin must equal Host"`
	TokensFile     string   `env:"ATTUNE_TOKENS_FILE" help:"file with lines name:role:token; roles viewer, editor, approver, agent, metrics; a change is in force within a second"`
	Desks          string   `env:"ATTUNE_DESKS" help:"YAML file with desks, see deploy/desks.md; unset = one console desk that answers to every name"`
	Replies        string   `env:"ATTUNE_REPLIES" help:"YAML file with agents' canned replies by locale and key, see proxy/console/replies.yaml; unset = those"`
	AgentCapacity  int      `env:"ATTUNE_AGENT_CAPACITY" envDefault:"0" help:"conversations that an agent can have at once: what offers and waits go by; 0 = 3"`
	TrustedProxies []string `env:"ATTUNE_TRUSTED_PROXIES" help:"addresses or CIDR ranges whose X-Forwarded-* headers are believed, comma-separated"`
	TLSCert        string   `env:"ATTUNE_TLS_CERT" help:"certificate file (PEM) for the widgets' listener"`
	TLSKey         string   `env:"ATTUNE_TLS_KEY" help:"key file (PEM) that belongs to the certificate"`

	MaxMessage       Bytes         `env:"ATTUNE_MAX_MESSAGE" envDefault:"64KiB" help:"largest message; 0 = no limit. Rules read the first 64 KiB of a text"`
	Rate             int           `env:"ATTUNE_RATE" envDefault:"100" help:"messages a second, per session; 0 = no limit"`
	RateBurst        int           `env:"ATTUNE_RATE_BURST" envDefault:"500" help:"messages that may come at once beyond the rate, per session; 0 = no limit"`
	MaxPerAddress    int           `env:"ATTUNE_MAX_PER_ADDRESS" envDefault:"500" help:"connections from one address; 0 = no limit"`
	MaxSessions      Count         `env:"ATTUNE_MAX_SESSIONS" envDefault:"auto" help:"connections altogether; auto = as many as the limit of file descriptors allows, 0 = no limit"`
	MaxMemory        Size          `env:"ATTUNE_MAX_MEMORY" envDefault:"auto" help:"memory of the process from which nobody new is let in, while conversations go on; auto = nine tenths of what GOMEMLIMIT, the container or the machine allows, 0 = no limit"`
	HandshakeTimeout time.Duration `env:"ATTUNE_HANDSHAKE_TIMEOUT" envDefault:"10s" help:"time for a handshake, on either side; 0 = no limit"`
	MessageTimeout   time.Duration `env:"ATTUNE_MESSAGE_TIMEOUT" envDefault:"30s" help:"time for one message to arrive whole; 0 = no limit"`
	Idle             time.Duration `env:"ATTUNE_IDLE" envDefault:"30m" help:"time without messages after which a session ends; 0 = no limit"`
	Ping             time.Duration `env:"ATTUNE_PING" envDefault:"25s" help:"time between pings; a peer that answers none is dead; 0 = no pings"`
	Drain            time.Duration `env:"ATTUNE_DRAIN" envDefault:"60s" help:"time over which connections are closed on SIGTERM; 0 = at once"`

	Silence      Steps         `env:"ATTUNE_SILENCE" envDefault:"8s,20s,40s" help:"a bot that does not answer for so long: the customer hears that it is at it, how it stands, and is offered a person; 0 leaves a step out, 0,0,0 = say nothing"`
	SilenceVoice Steps         `env:"ATTUNE_SILENCE_VOICE" envDefault:"3s,8s,20s" help:"the same on the telephone"`
	Seek         time.Duration `env:"ATTUNE_SEEK" envDefault:"60s" help:"how long a bot that cannot be reached, or was lost, is sought while the widget stays connected, where the profile says how to reconnect; 0 = not at all"`

	Leeway int `env:"ATTUNE_LEEWAY" envDefault:"1" help:"how many times longer than usual Redis and other nodes may take to answer before things go on without them; more than 1 for a slow way to Redis"`

	TraceOver time.Duration `env:"ATTUNE_TRACE_OVER" envDefault:"0s" help:"added latency of one message over which the last seconds of trace are kept, at /debug/flight of the admin address; 0 = nothing is recorded"`
	Transport Transport     `env:"ATTUNE_TRANSPORT" envDefault:"auto" help:"auto = event loops for plain TCP on Linux, goroutines for everything else; goroutines = only these"`

	LogLevel  Level  `env:"ATTUNE_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	LogFormat string `env:"ATTUNE_LOG_FORMAT" envDefault:"json" help:"json or text"`
}

// rulesDir is the directory that rules are read from, "" when they are those
// shipped, for good or until Redis has others.
func (c Config) rulesDir() string {
	if c.Rules == inRedis {
		return ""
	}
	return c.Rules
}

// seek is Config.Seek as the proxy understands it.
func (c Config) seek() time.Duration {
	if c.Seek == 0 {
		return -1
	}
	return c.Seek
}
