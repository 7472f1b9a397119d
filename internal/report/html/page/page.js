"use strict";
// Adds to a page that can be read without it: filter, sorting, copying, theme,
// keys. Everything it knows it reads from the page; it loads and stores nothing
// but two preferences.
(() => {
  const root = document.documentElement, bar = document.getElementById("bar") || document.createElement("form");
  const $$ = (s, e) => [...(e || document).querySelectorAll(s)];
  const make = (tag, props, ...kids) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...kids);
    return e;
  };
  const recall = (k) => { try { return localStorage.getItem("polygraph." + k); } catch { return null; } };
  const keep = (k, v) => { try { localStorage.setItem("polygraph." + k, v); } catch { /* a page from a file may not */ } };
  const num = (n) => n.toLocaleString("en-US");

  const groups = $$(".group").map((el) => ({ el, list: el.querySelector(".list"), n: el.querySelector("h2 .n"), total: +el.dataset.total, all: [] }));
  const all = [];
  for (const g of groups) {
    for (const el of $$(".f", g.list)) {
      const d = el.dataset;
      const f = { el, v: d.v, s: d.s, r: d.r, a: d.a, e: d.e || "", c: d.c || "", d: d.d || "", i: all.length, text: null, g };
      g.all.push(f);
      all.push(f);
    }
  }

  // The filter: a field, one choice per property that has several values, an order.
  const severities = ["info", "low", "medium", "high", "critical"];
  const words = { refuted: "FALSE", unproven: "UNPROVEN", holds: "TRUE", "was refuted": "was FALSE", "was unproven": "was UNPROVEN", "was holds": "was TRUE" };
  const choices = [["v", "Verdict"], ["s", "Severity"], ["r", "Rule"], ["e", "Environment"], ["c", "Status"], ["a", "Analyzer"]];
  const orders = [["", "As reported"], ["s", "Severity"], ["r", "Rule"], ["t", "Subject"], ["d", "First seen"]];
  const field = make("input", { type: "search", id: "q", name: "q", placeholder: "Filter   /", title: "All words must occur; -word must not", autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-label", "Filter the findings by words");
  bar.append(field);
  const selects = {};
  const select = (key, name, options) => {
    const s = make("select", { name: key }, ...options.map(([v, t]) => make("option", { value: v, textContent: t })));
    s.setAttribute("aria-label", name);
    selects[key] = s;
    bar.append(s);
  };
  for (const [key, name] of choices) {
    const n = new Map();
    for (const f of all) if (f[key] !== "") n.set(f[key], (n.get(f[key]) || 0) + 1);
    const label = (v) => key === "s" ? severities[v] : key === "v" ? words[v] : key === "c" ? v.toUpperCase() : v;
    const values = [...n.keys()].sort((a, b) => key === "s" ? b - a : a < b ? -1 : 1);
    if (values.length > 1 || (key === "e" && values.length)) {
      select(key, name, [["", name], ...values.map((v) => [v, label(v) + " (" + num(n.get(v)) + ")"])]);
    }
  }
  select("o", "Order", orders.filter(([k]) => k !== "d" || all.some((f) => f.d)).map(([v, t]) => [v, v ? "By " + t.toLowerCase() : "Order"]));
  const out = make("output", {});
  const button = (text, act) => { const b = make("button", { type: "button", textContent: text }); b.addEventListener("click", act); bar.append(b); return b; };
  bar.append(out);
  const clear = button("Clear", () => { set(new URLSearchParams()); field.focus(); });
  const folding = button("", () => fold(folding.textContent[0] === "E"));
  folding.textContent = "Expand all";
  const themes = ["auto", "light", "dark"];
  let theme = Math.max(0, themes.indexOf(recall("theme")));
  // What is about the page and not about the findings stands in its head.
  const tool = (act, title) => {
    const b = make("button", { type: "button", title });
    b.addEventListener("click", act);
    document.querySelector(".tools").append(b);
    return b;
  };
  const themed = tool(() => { theme = (theme + 1) % 3; keep("theme", themes[theme]); dress(); }, "Light, dark, or as the system has it");
  let keys = recall("keys") !== "off";
  const keyed = tool(() => { keys = !keys; keep("keys", keys ? "on" : "off"); dress(); }, "Keyboard shortcuts: / filter, j next finding, k previous, Enter opens, Esc clears the filter");
  function dress() {
    if (theme) root.dataset.theme = themes[theme]; else delete root.dataset.theme;
    themed.textContent = "Theme: " + themes[theme];
    keyed.textContent = "Shortcuts: " + (keys ? "on" : "off");
  }
  function fold(open) { for (const f of all) if (!f.el.hidden && f.el.tagName === "DETAILS") f.el.open = open; folding.textContent = open ? "Collapse all" : "Expand all"; }

  const subject = (f) => f.el.querySelector(".subj").textContent;
  const by = {
    s: (a, b) => b.s - a.s, r: (a, b) => a.r < b.r ? -1 : a.r > b.r ? 1 : 0,
    t: (a, b) => a.t < b.t ? -1 : a.t > b.t ? 1 : 0,
    d: (a, b) => (a.d || "9") < (b.d || "9") ? -1 : (a.d || "9") > (b.d || "9") ? 1 : 0,
  };
  let order = "";
  function sort(key) {
    if (key === order) return;
    order = key;
    if (key === "t") for (const f of all) f.t ??= subject(f);
    for (const g of groups) {
      g.all.sort((a, b) => (by[key] ? by[key](a, b) : 0) || a.i - b.i);
      g.list.append(...g.all.map((f) => f.el));
    }
  }

  function apply() {
    const terms = field.value.toLowerCase().split(/\s+/).filter((t) => t && t !== "-");
    const wanted = choices.filter(([k]) => selects[k] && selects[k].value !== "").map(([k]) => [k, selects[k].value]);
    let shown = 0;
    for (const g of groups) {
      let here = 0;
      for (const f of g.all) {
        if (terms.length) f.text ??= f.el.textContent.toLowerCase();
        const hit = wanted.every(([k, v]) => f[k] === v) &&
          terms.every((t) => t[0] === "-" ? !f.text.includes(t.slice(1)) : f.text.includes(t));
        if (f.el.hidden === hit) f.el.hidden = !hit;
        if (hit) here++;
      }
      const filtered = here < g.all.length;
      g.n.textContent = filtered ? num(here) + " of " + num(g.total) : num(g.total);
      shown += here;
    }
    const active = terms.length > 0 || wanted.length > 0, found = +bar.dataset.found, on = +bar.dataset.shown;
    out.textContent = (active ? num(shown) + " of " : "") + num(on) + (on === 1 ? " finding" : " findings") +
      (found > on ? " on this page, " + num(found - on) + " more only counted" : "");
    clear.hidden = !active;
    field.classList.toggle("on", terms.length > 0);
    for (const k in selects) selects[k].classList.toggle("on", selects[k].value !== "");
    sort(selects.o.value);
  }

  // The fragment is the state: #q=words&s=4 is a filter, #v1:... a finding.
  const current = () => {
    const p = new URLSearchParams();
    if (field.value) p.set("q", field.value);
    for (const k in selects) if (selects[k].value) p.set(k, selects[k].value);
    return p;
  };
  function set(p) {
    field.value = p.get("q") || "";
    for (const k in selects) {
      selects[k].value = p.get(k) || "";
      if (selects[k].selectedIndex < 0) selects[k].value = "";
    }
    apply();
    write();
  }
  function write() {
    const s = current().toString();
    try { history.replaceState(null, "", "#" + s); } catch { /* some embedders forbid it */ }
  }
  function go(smooth) {
    let h = location.hash.slice(1);
    if (h.startsWith("v1%3")) h = h.replace(/%3a/i, ":");
    const el = h && document.getElementById(h);
    const card = el && el.closest(".f");
    if (card) {
      if (card.hidden) { field.value = ""; for (const k in selects) selects[k].value = ""; apply(); }
      if (card.tagName === "DETAILS") { card.open = true; card.firstElementChild.focus({ preventScroll: true }); }
      card.scrollIntoView({ block: "start", behavior: smooth ? "auto" : "instant" });
    } else if (!el && /^[qvsrecao]=/.test(h)) {
      set(new URLSearchParams(h));
    }
  }
  let timer;
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { apply(); write(); }, all.length > 3000 ? 250 : 80); });
  bar.addEventListener("change", (e) => { if (e.target !== field) { apply(); write(); } });
  bar.addEventListener("submit", (e) => e.preventDefault());
  addEventListener("hashchange", () => go(true));

  // Charts and rules filter what they count.
  for (const e of $$("[data-f]")) {
    const p = new URLSearchParams(e.dataset.f), [[k, v]] = [...p];
    if (!selects[k] || ![...selects[k].options].some((o) => o.value === v)) continue;
    const a = make("a", { href: "#" + p, title: "Show only these findings" }, ...e.childNodes);
    a.addEventListener("click", (ev) => { ev.preventDefault(); set(p); (groups.find((g) => g.all.some((f) => !f.el.hidden)) || groups[0]).el.scrollIntoView(); });
    e.append(a);
  }

  // Copying.
  async function copy(b, pre) {
    const text = pre.textContent;
    let ok = true;
    try { await navigator.clipboard.writeText(text); } catch {
      getSelection().selectAllChildren(pre);
      ok = document.execCommand("copy");
    }
    b.textContent = ok ? "Copied" : "Selected";
    setTimeout(() => { b.textContent = "Copy"; }, 1500);
  }
  const copyable = (e) => {
    for (const c of $$(".code:not(.picture):not(.has)", e)) {
      c.classList.add("has");
      const b = make("button", { type: "button", textContent: "Copy" });
      b.setAttribute("aria-label", "Copy this block");
      b.addEventListener("click", () => copy(b, c.querySelector("pre")));
      c.append(b);
    }
  };
  for (const e of $$("#unseen, .f[open]")) copyable(e);
  document.addEventListener("toggle", (e) => { if (e.target.open && e.target.matches(".f")) copyable(e.target); }, true);

  // Keys, which can be turned off: a voice that types letters must not steer.
  addEventListener("keydown", (e) => {
    if (e.target === field && e.key === "Escape") { set(new URLSearchParams()); field.blur(); return; }
    if (!keys || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) return;
    if (e.key === "/") { e.preventDefault(); field.focus(); field.select(); return; }
    if (e.key !== "j" && e.key !== "k") return;
    const open = $$(".f:not([hidden])"), at = open.indexOf(document.activeElement.closest(".f"));
    const to = open[Math.max(0, Math.min(open.length - 1, at + (e.key === "j" ? 1 : -1)))];
    if (!to) return;
    const focus = to.querySelector("summary") || to;
    if (focus === to) to.tabIndex = -1;
    focus.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  });

  let opened = [];
  addEventListener("beforeprint", () => { opened = $$("details:not([open])").filter((d) => !d.hidden); for (const d of opened) d.open = true; });
  addEventListener("afterprint", () => { for (const d of opened) d.open = false; opened = []; });

  dress();
  if (all.length) bar.hidden = false;
  keyed.hidden = !all.length;
  apply();
  go(false);
})();
