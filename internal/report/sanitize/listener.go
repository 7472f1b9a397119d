package sanitize

import "polygraph/internal/run"

// Before returns a listener that passes clean copies of all messages to next.
// The constructors of the listeners use it themselves, so that none of them can
// be put up without it.
func Before(next run.Listener) run.Listener { return before{next} }

type before struct{ next run.Listener }

func (b before) Hear(m *run.Message) error { return b.next.Hear(Message(m)) }
func (b before) Close() error              { return b.next.Close() }
