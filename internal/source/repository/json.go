package repository

import "encoding/json"

// scanJSON reads configuration in JSON. What is not JSON has nothing in it.
func scanJSON(text []byte) config {
	var c config
	var doc map[string]any
	if json.Unmarshal(text, &doc) != nil {
		return c
	}
	for _, block := range objects(doc["terraform"]) {
		_, backend := block["backend"]
		_, cloud := block["cloud"]
		c.backend, c.cloud = c.backend || backend, c.cloud || cloud
	}
	c.provider = len(objects(doc["provider"])) > 0
	for _, named := range objects(doc["module"]) {
		for _, body := range named {
			for _, call := range objects(body) {
				if source, ok := call["source"].(string); ok && local(source) && len(c.calls) < most {
					c.calls = append(c.calls, source)
				}
			}
		}
	}
	return c
}

// objects returns an object, or those of a list: both are ways to write blocks.
func objects(v any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		var out []map[string]any
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}
