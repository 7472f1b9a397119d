package run

// Listener receives the messages of a run in order. Every output format is one.
type Listener interface {
	// Hear takes the next message. The message is only valid during the call.
	Hear(*Message) error
	// Close writes what can only be written at the end. It is called once,
	// also after a run that was cut off.
	Close() error
}

// Fanout passes each message to every listener and stops at the first error.
type Fanout []Listener

// Hear passes the message on.
func (f Fanout) Hear(m *Message) error {
	for _, l := range f {
		if err := l.Hear(m); err != nil {
			return err
		}
	}
	return nil
}

// Close closes every listener and returns the first error.
func (f Fanout) Close() error {
	var first error
	for _, l := range f {
		if err := l.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
