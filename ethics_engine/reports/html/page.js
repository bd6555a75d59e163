"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [ID, RULE, STATUS, AT, PRACTITIONER, CLIENT, MESSAGE, EVIDENCE, KEYS, VALUES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const [NAME, POLICY, LEVEL, TITLE, REMEDY, WHY, CLAUSES, FAMILIES] = [0, 1, 2, 3, 4, 5, 6, 7];
  const LEVELS = ["violation", "risk", "notice"], PER_PAGE = 50, MOST_PRINTED = 1000;
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const form = document.getElementById("filters"), list = document.getElementById("list");
  const marks = Object.fromEntries(LEVELS.map((level) =>
    [level, form.querySelector(`input[value="${level}"]`).parentNode.querySelector("svg")]));
  let shown = data.findings.map((_, place) => place), page = 0;

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const day = (at) => `${Number(at.slice(8, 10))} ${MONTHS[Number(at.slice(5, 7)) - 1]} ${at.slice(0, 4)}`;
  const rule = (finding) => data.rules[finding[RULE]];

  const choices = (name, values) => {
    const select = form.elements[name];
    for (const [value, label] of values) {
      const option = element("option", label);
      option.value = value;
      select.append(option);
    }
    if (values.length < 2) select.parentNode.hidden = true;
  };
  const byName = (names) => names.map((name, place) => [String(place), name])
    .sort((a, b) => a[1].localeCompare(b[1], "en", { numeric: true }));
  choices("policy", [...new Set(data.rules.map((one) => one[POLICY]))].sort().map((name) => [name, name]));
  choices("practitioner", byName(data.practitioners));
  choices("client", byName(data.clients));

  const row = (place) => {
    const finding = data.findings[place], of = rule(finding), item = element("li"), box = element("details");
    const head = element("summary");
    box.dataset.place = place;
    const status = finding[STATUS] === "open" ? "" : ` (${finding[STATUS]})`;
    const whom = finding[CLIENT] < 0 ? "" : `client ${data.clients[finding[CLIENT]]}`;
    const several = data.practitioners.length > 1 ? data.practitioners[finding[PRACTITIONER]] : "";
    head.append(marks[of[LEVEL]].cloneNode(true), element("span", of[LEVEL] + status, "level"),
      element("span", of[TITLE], "title"), element("span", day(finding[AT]), "when"),
      element("span", [whom, several].filter(Boolean).join(", "), "whom"));
    box.append(head);
    box.addEventListener("toggle", () => { if (box.open) fill(box); });
    item.append(box);
    return item;
  };

  const fill = (box) => {
    if (box.children.length > 1) return;
    const finding = data.findings[box.dataset.place], of = rule(finding), body = element("div", undefined, "body");
    body.append(element("p", finding[MESSAGE]));
    const facts = element("dl");
    const fact = (name, ...content) => {
      const value = element("dd");
      value.append(...content);
      facts.append(element("dt", name), value);
    };
    const items = (texts) => {
      const made = element("ul");
      made.append(...texts.map((text) => element("li", text)));
      return made;
    };
    if (of[WHY]) fact("Why it matters", of[WHY]);
    if (of[REMEDY]) fact("What to do next", of[REMEDY]);
    fact("Evidence", items(finding[EVIDENCE].map((one) => typeof one === "string" ? one :
      `${one[0]}: ${data.types[one[1]]}, ${day(one[2])}, ${one[2].slice(11)}`)));
    if (finding[VALUES].length) {
      const keys = data.keys[finding[KEYS]];
      fact("Values", items(finding[VALUES].map((value, place) => `${keys[place]}: ${value}`)));
    }
    if (of[CLAUSES]) fact("Clauses", of[CLAUSES]);
    fact("Rule", `${of[NAME]}, policy ${of[POLICY]}${of[FAMILIES] ? `, family ${of[FAMILIES]}` : ""}`);
    fact("Dated", `${day(finding[AT])}, ${finding[AT].slice(11)}; ${finding[STATUS]}; practitioner ${
      data.practitioners[finding[PRACTITIONER]]}`);
    fact("Finding", element("code", finding[ID]));
    body.append(facts);
    box.append(body);
  };

  const draw = (most = PER_PAGE) => {
    const pages = Math.max(1, Math.ceil(shown.length / PER_PAGE));
    page = Math.min(page, pages - 1);
    const start = most > PER_PAGE ? 0 : page * PER_PAGE;
    list.replaceChildren(...shown.slice(start, start + most).map(row));
    document.getElementById("pages").hidden = pages < 2;
    document.getElementById("place").textContent = `Page ${page + 1} of ${pages}`;
    document.getElementById("back").disabled = page === 0;
    document.getElementById("next").disabled = page === pages - 1;
  };

  const filter = () => {
    const wanted = (name) => new Set([...form.querySelectorAll(`input[name="${name}"]:checked`)].map((one) => one.value));
    const levels = wanted("level"), statuses = wanted("status"), value = (name) => form.elements[name].value;
    const policy = value("policy"), practitioner = value("practitioner"), client = value("client");
    const from = value("from"), to = value("to"), order = value("order");
    const passes = (finding) => {
      const of = rule(finding), date = finding[AT].slice(0, 10);
      return levels.has(of[LEVEL]) && statuses.has(finding[STATUS]) && (!policy || of[POLICY] === policy) &&
        (!practitioner || finding[PRACTITIONER] === Number(practitioner)) &&
        (!client || finding[CLIENT] === Number(client)) && (!from || date >= from) && (!to || date <= to);
    };
    const passing = data.findings.map(passes);
    shown = data.findings.map((_, place) => place).filter((place) => passing[place]);
    if (order === "new") shown.reverse();
    const gravity = (place) => LEVELS.indexOf(rule(data.findings[place])[LEVEL]);
    if (order === "grave") shown.sort((a, b) => gravity(a) - gravity(b) || a - b);
    page = 0;
    draw();
    const many = data.findings.length, form_of = (number) => number === 1 ? "finding" : "findings";
    document.getElementById("count").textContent = shown.length === many ?
      `${many.toLocaleString("en")} ${form_of(many)}.` :
      `${shown.length.toLocaleString("en")} of ${many.toLocaleString("en")} ${form_of(many)} shown.`;
    for (const figure of document.querySelectorAll(".timeline")) {
      figure.hidden = (client !== "" && figure.dataset.client !== data.clients[Number(client)]) ||
        (practitioner !== "" && figure.dataset.practitioner !== data.practitioners[Number(practitioner)]);
      const places = figure.dataset.found.split(" ").filter(Boolean).map(Number);
      figure.querySelectorAll(".symbol-findings > path").forEach((path, number) => {
        path.classList.toggle("off", !passing[places[number]]);
      });
    }
  };

  const show = (place) => {
    let at = shown.indexOf(place);
    if (at < 0) {
      form.reset();
      form.querySelectorAll('input[name="status"]').forEach((one) => { one.checked = true; });
      filter();
      at = shown.indexOf(place);
    }
    page = Math.floor(at / PER_PAGE);
    draw();
    const box = list.querySelector(`details[data-place="${place}"]`);
    box.open = true;
    box.querySelector("summary").focus();
    box.scrollIntoView({ block: "center" });
  };

  for (const figure of document.querySelectorAll(".timeline")) {
    const places = figure.dataset.found.split(" ").filter(Boolean).map(Number);
    figure.querySelectorAll(".symbol-findings > path").forEach((path, number) => {
      path.classList.add("open-it");
      path.addEventListener("click", () => show(places[number]));
    });
  }
  const turn = (by) => { page += by; draw(); document.getElementById("findings").focus(); };
  document.getElementById("back").addEventListener("click", () => turn(-1));
  document.getElementById("next").addEventListener("click", () => turn(1));
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  let closed = [];
  addEventListener("beforeprint", () => {
    draw(MOST_PRINTED);
    list.querySelectorAll("details").forEach(fill);
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => { closed.forEach((one) => { one.open = false; }); draw(); });
  form.hidden = false;
  filter();
})();
