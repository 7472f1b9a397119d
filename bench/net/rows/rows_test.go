package rows_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"polygraph/bench/net/rows"
)

func TestMerge(t *testing.T) {
	var s rows.Set
	web, db := rows.Workload("Pod", "shop", "web"), rows.Workload("Pod", "shop", "db")
	addresses := func(prefix string) rows.End { return rows.Addresses(rows.RangeOf(netip.MustParsePrefix(prefix))) }
	s.Add(web, addresses("128.0.0.0/1"), "TCP 1")
	s.Add(web, addresses("0.0.0.0/1"), "TCP 1")
	s.Add(web, addresses("::/0"), "TCP 1")
	s.Add(addresses("10.0.0.0/8"), web, "TCP 1")
	s.Add(addresses("11.0.0.0/8"), web, "TCP 2")
	s.Add(addresses("12.0.0.0/8"), web, "TCP 2")
	s.Add(addresses("12.0.0.0/8"), db, "TCP 2")
	s.Add(web, web, "all")
	s.Add(web, db, "all")
	s.Merge()
	want := []string{
		"10.0.0.0-10.255.255.255 => Pod shop/web : TCP 1",
		"11.0.0.0-12.255.255.255 => Pod shop/web : TCP 2",
		"12.0.0.0-12.255.255.255 => Pod shop/db : TCP 2",
		"Pod shop/web => 0.0.0.0-255.255.255.255 : TCP 1",
		"Pod shop/web => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : TCP 1",
		"Pod shop/web => Pod shop/db : all",
		"Pod shop/web => Pod shop/web : all",
	}
	got := s.Lines()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if s.WithoutSelf(); s.Len() != len(want)-1 {
		t.Errorf("%d rows without those to itself", s.Len())
	}
}

func TestJoin(t *testing.T) {
	var s rows.Set
	web, db, api := rows.Workload("Pod", "shop", "web"), rows.Workload("Pod", "shop", "db"), rows.Workload("Pod", "shop", "api")
	s.Add(web, db, "TCP 1")
	s.Add(web, api, "TCP 1")
	s.Add(web, db, "TCP 3")
	if err := s.Join(func(a, b string) (string, error) { return a + "+" + b, nil }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"Pod shop/web => Pod shop/db : TCP 1+TCP 3", "Pod shop/web => Pod shop/api : TCP 1"}; !slices.Equal(s.Lines(), want) {
		t.Errorf("%q", s.Lines())
	}
}

const run = `{"header":{"protocol":"1"}}
{"row":{"table":"connections","cells":[{"name":"from","value":"shop/web"},{"name":"from kind","value":"Pod"},{"name":"to","value":"0.0.0.0/1, 128.0.0.0-255.255.255.255,::/0"},{"name":"ports","value":"TCP 1"},{"name":"verdict","value":"allowed"}]}}
{"row":{"table":"connections","cells":[{"name":"from","value":"shop/web"},{"name":"from kind","value":"Pod"},{"name":"to","value":"shop/db"},{"name":"to kind","value":"Pod"},{"name":"ports","value":"all"},{"name":"verdict","value":"unknown"}]}}
{"row":{"table":"connections","cells":[{"name":"from","value":"shop/db"},{"name":"from kind","value":"Pod"},{"name":"to","value":"shop/web"},{"name":"to kind","value":"Pod"},{"name":"ports","value":"all"},{"name":"verdict","value":"denied"}]}}
{"row":{"table":"other","cells":[]}}
`

func TestReadRun(t *testing.T) {
	s, err := rows.ReadRun(strings.NewReader(run), func(_ string, four bool) bool { return four })
	if err != nil {
		t.Fatal(err)
	}
	s.Merge()
	want := []string{"Pod shop/web => 0.0.0.0-255.255.255.255 : TCP 1", "Pod shop/web => Pod shop/db : unknown all"}
	got := s.Lines()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	var other rows.Set
	other.Add(rows.Workload("Pod", "shop", "web"), rows.Workload("Pod", "shop", "db"), "all")
	if err := rows.Difference("a", s, "b", &other); err == nil {
		t.Error("what is unknown is equal to what is allowed")
	}
	if err := rows.Difference("a", s, "b", s); err != nil {
		t.Error(err)
	}
	if _, err := rows.ReadRun(strings.NewReader("no JSON\n"), nil); err == nil {
		t.Error("text was read")
	}
}
