package effect

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"testing"
)

func TestUserDataInPlace(t *testing.T) {
	c := UserDataInPlace()
	to := func(attribute, text string) []string {
		return []string{does("aws_instance.i", "update", `{"id":"i","`+attribute+`":"x"}`, fmt.Sprintf(`{"id":"i",%q:%q}`, attribute, text))}
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	judgeAll(t, []row{
		{"a script", c, to("user_data", "#!/bin/sh\n"), []string{"old: first boot"}},
		{"cloud-init", c, to("user_data", "#cloud-config\npackages: [nginx]\n"), []string{"old: first boot"}},
		{"base64", c, to("user_data_base64", b64("#!/bin/sh\n")), []string{"old: first boot"}},
		{"base64 in user_data", c, to("user_data", b64("#!/bin/sh\n")), []string{"old: first boot"}},
		{"windows", c, to("user_data", "<powershell>\nx\n</powershell>"), []string{"old: first boot"}},
		{"windows, each time", c, to("user_data", "<powershell>\nx\n</powershell>\n<persist>true</persist>"), []string{"unproven: each start"}},
		{"bootcmd", c, to("user_data", "#cloud-config\nbootcmd: [x]\n"), []string{"unproven: each start"}},
		{"a boothook", c, to("user_data", "#cloud-boothook\nx"), []string{"holds"}},
		{"a hash", c, to("user_data", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), []string{"unproven: each start"}},
		{"settings of an appliance", c, to("user_data", `{"a":1}`), []string{"unproven: each start"}},
		{"its hash was kept", c, []string{does("aws_instance.i", "update", `{"user_data":"da2e2ef5c8a4d9a2f0a4a3a2cbd1ee4a2a5a6a0f"}`, `{"user_data":"#!/bin/sh\n"}`)}, []string{"old: first boot"}},
		{"only its hash was kept", c, []string{does("aws_instance.i", "update", fmt.Sprintf(`{"user_data":"%x"}`, sha1.Sum([]byte("#!/bin/sh\n"))), `{"user_data":"#!/bin/sh\n"}`)}, nil},
		{"known later", c, []string{does("aws_instance.i", "update", `{"user_data":"x"}`, `{}`, `{"user_data":true}`)}, []string{"unproven: not known until apply"}},
		{"replaced for it", c, []string{does("aws_instance.i", "delete+create", `{"user_data":"x"}`, `{"user_data":"y"}`)}, []string{"holds"}},
		{"replaced for something else", c, []string{does("aws_instance.i", "delete+create", `{"ami":"x","user_data":""}`, `{"ami":"y"}`, `{"user_data":true}`)}, nil},
		{"something else", c, []string{does("aws_instance.i", "update", `{"user_data":"x","tags":{}}`, `{"user_data":"x","tags":{"a":"b"}}`)}, nil},
		{"nothing", c, []string{keeps("aws_instance.i", `{"user_data":"x"}`)}, nil},
	})
}
