"use strict";
// Shows what the control routes say, again whenever something changed. All that came from elsewhere
// goes into the page as text, never as markup.

const ROOT = location.pathname.replace(/\/ui\/?$/, "");
const POLL_MS = 1000;
const filter = document.getElementById("filter");
const scope = document.getElementById("scope");
const shown = { changes: null, numbers: new Set() };

async function ask(path, options) {
  const answer = await fetch(`${ROOT}/${path}`, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function row(template) {
  return document.getElementById(template).content.cloneNode(true).firstElementChild;
}

function fill(table, rows) {
  document.querySelector(`#${table} tbody`).replaceChildren(...rows);
}

function contactRow(contact) {
  const line = row("contact-row");
  const [email, name, id, tags, attributes, when] = line.cells;
  email.textContent = contact.email ?? "—";
  name.textContent = contact.name ?? "";
  id.textContent = contact.user_id ?? "";
  for (const tag of contact.user_tags) {
    const chip = document.createElement("span");
    chip.textContent = tag;
    tags.append(chip);
  }
  const pairs = Object.entries(contact.attributes).map(([key, value]) => `${key}: ${value}`);
  attributes.textContent = pairs.join(", ");
  when.textContent = contact.last_update ?? "";
  return line;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text || "(nothing)";
  }
}

function requestRow(request, opened) {
  const line = row("request-row");
  const [number, what, status, count, fault] = line.cells;
  const query = new URLSearchParams(request.query).toString();
  number.textContent = request.number;
  what.textContent = `${request.method} /${request.path}${query && "?" + decodeURIComponent(query)}`;
  status.textContent = request.status || "no answer";
  status.className = request.status >= 200 && request.status < 300 ? "good" : "bad";
  count.textContent = request.count;
  fault.textContent = request.fault ?? "";
  const [sent, answered] = line.querySelectorAll("pre");
  sent.textContent = pretty(request.sent);
  answered.textContent = pretty(request.answered);
  const details = line.querySelector("details");
  details.dataset.number = request.number;
  details.open = opened.has(String(request.number));
  details.querySelector("summary").setAttribute("aria-label", `Bodies of request ${request.number}`);
  if (shown.numbers.size && !shown.numbers.has(request.number)) line.className = "new";
  return line;
}

function tagRow(tag) {
  const line = row("tag-row");
  [tag.name, tag.users, tag.leads].forEach((value, n) => { line.cells[n].textContent = value; });
  return line;
}

async function showContacts() {
  const { found, contacts } = await ask(`contacts?${new URLSearchParams(new FormData(filter))}`);
  fill("contact-table", contacts.map(contactRow));
  document.getElementById("found").textContent =
    found > contacts.length ? `the newest ${contacts.length} of ${found}` : `${found} found`;
}

async function showRequests() {
  const requests = await ask("exchanges?count=30");
  const open = document.querySelectorAll("#request-table details[open]");
  const opened = new Set([...open].map((each) => each.dataset.number));
  fill("request-table", requests.map((each) => requestRow(each, opened)));
  shown.numbers = new Set(requests.map((each) => each.number));
}

async function showTags() {
  const tags = await ask("tags");
  fill("tag-table", tags.map(tagRow));
  const chosen = filter.tag.value;
  const options = tags.map((tag) => new Option(tag.name, tag.name));
  filter.tag.replaceChildren(new Option("any", ""), ...options);
  filter.tag.value = tags.some((tag) => tag.name === chosen) ? chosen : "";
}

async function showFaults() {
  const { rules, faults } = await ask("faults");
  const list = document.getElementById("faults");
  if (list.children.length === 0) {
    list.append(...Object.entries(faults).map(([name, about]) => faultItem(name, about)));
  }
  for (const item of list.children) {
    const own = rules.filter((rule) => rule.fault === item.dataset.fault);
    const struck = own.reduce((sum, rule) => sum + rule.struck, 0);
    const left = own.some((rule) => rule.times === null || rule.struck < rule.times);
    item.querySelector("input").checked = left;
    item.querySelector("small").textContent = own.length ? `struck ${struck} times` : "";
  }
}

// Text in which what stands between backticks is code.
function withCode(text) {
  return text.split("`").map((part, n) => {
    if (n % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

function faultItem(name, about) {
  const item = row("fault-item");
  item.dataset.fault = name;
  item.querySelector("code").textContent = name;
  item.querySelector("span").append(...withCode(about));
  item.querySelector("input").addEventListener("change", (event) => {
    act(() => switchFault(name, event.target.checked));
  });
  return item;
}

async function switchFault(fault, on) {
  await ask(`faults?${new URLSearchParams({ fault })}`, { method: "DELETE" });
  if (on) {
    const rule = { fault };
    if (scope.method.value) rule.method = scope.method.value;
    if (scope.times.value) rule.times = Number(scope.times.value);
    if (scope.contains.value) rule.contains = scope.contains.value;
    if (fault === "slow") rule.seconds = 3;
    if (fault === "redirect") rule.location = "/v1/tags";
    await ask("faults", { method: "POST", body: JSON.stringify(rule) });
  }
  await showFaults();
}

async function refresh() {
  const found = await ask("");
  const changes = JSON.stringify([found.changes, found.users, found.leads, found.tags]);
  const when = new Date(found.now * 1000).toISOString().slice(0, 19).replace("T", " ");
  document.getElementById("status").textContent =
    `${found.users} users, ${found.leads} leads, ${found.tags} tags; its clock shows ${when} UTC`;
  if (changes !== shown.changes) {
    shown.changes = changes;
    await Promise.all([showTags().then(showContacts), showRequests(), showFaults()]);
  }
}

async function act(work) {
  try {
    await work();
  } catch (error) {
    document.getElementById("status").textContent = `The sandbox does not answer: ${error.message}`;
    shown.changes = null;
  }
}

async function poll() {
  if (!document.hidden) await act(refresh);
  setTimeout(poll, POLL_MS);
}

filter.addEventListener("input", () => act(showContacts));
for (const form of [filter, scope]) form.addEventListener("submit", (event) => event.preventDefault());
poll();
