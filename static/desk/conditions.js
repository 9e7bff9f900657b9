/*
 * Builds a condition from rows: what it is about, how it compares, and a value. The tree's JSON is kept in the hidden
 * input, which is all that the server reads; words and texts come with the page, in its language.
 */

const START = { all: [] };
const NUMBER = { type: "number", ops: ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in"], choices: [] };

class Builder {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input[type=hidden]");
    this.rows = root.querySelector("[data-rows]");
    this.told = root.querySelector("[data-told]");
    this.words = JSON.parse(root.dataset.words);
    this.texts = JSON.parse(root.dataset.texts);
    this.places = { money: Number(root.dataset.money), quantity: Number(root.dataset.pieces) };
    const tree = read(this.input.value);
    this.tree = this.group(isGroup(tree) ? tree : { all: [tree] }, this.words);
    this.keep();
    this.wrong = this.blamed(this.tree, root.dataset.pointer);
    this.draw();
  }

  /* From JSON to what the rows show. */

  group(tree, words) {
    const [[joint, parts]] = Object.entries(tree);
    return { kind: "group", words, joint, parts: parts.map((part) => this.node(part, words)) };
  }

  node(tree, words) {
    if (isGroup(tree)) return this.group(tree, words);
    if (tree.history !== undefined) return this.past(tree, words);
    if (tree.which !== undefined || tree.sum !== undefined) return this.things(tree, words);
    const field = find(words.fields, tree.field) ?? words.fields[0];
    return { kind: "field", words, field, op: tree.op, shown: this.show(field, tree.value) };
  }

  past(tree, words) {
    const past = find(words.pasts, tree.history);
    const node = { kind: "past", words, past, measure: tree.measure, of: tree.of ?? null, op: tree.op };
    const within = tree.within === "ever" ? { reach: "ever" } : tree.within;
    node.reach = within.reach ?? within.period ?? "last";
    node.number = String(within.last ?? 30);
    node.unit = within.unit ?? "day";
    node.where = this.group(isGroup(tree.where) ? tree.where : { all: tree.where ? [tree.where] : [] }, past.items);
    node.shown = this.show(this.measured(node), tree.value);
    return node;
  }

  things(tree, words) {
    const things = find(words.collections, tree.of);
    const where = this.group(isGroup(tree.where) ? tree.where : { all: tree.where ? [tree.where] : [] }, things.items);
    if (tree.which !== undefined) return { kind: "some", words, things, which: tree.which, where };
    const node = { kind: "sum", words, things, of: tree.sum, op: tree.op, where };
    node.shown = this.show(this.measured(node), tree.value);
    return node;
  }

  measured(node) {
    const items = (node.past ?? node.things).items;
    return (node.of && find(items.fields, node.of)) || NUMBER;
  }

  show(field, value) {
    if (Array.isArray(value)) return value.map((one) => this.show(field, one));
    if (field.type in this.places && typeof value === "number") return decimal(value, this.places[field.type]);
    return typeof value === "boolean" ? value : String(value ?? "");
  }

  /* From what the rows show to JSON; each node remembers where it stands in it. */

  write(node, pointer = "") {
    node.pointer = pointer;
    if (node.kind === "group") return this.writeGroup(node, pointer);
    if (node.kind === "field") return { field: node.field.name, op: node.op, value: this.value(node.field, node) };
    const where = this.write(node.where, `${pointer}/where`);
    if (node.kind === "some") return { of: node.things.name, which: node.which, where };
    const written = node.kind === "sum" ? { of: node.things.name, sum: node.of } : this.writePast(node);
    if (node.where.parts.length) written.where = where;
    return { ...written, op: node.op, value: this.value(this.measured(node), node) };
  }

  writeGroup(node, pointer) {
    const joint = node.parts.length ? node.joint : "all";
    return { [joint]: node.parts.map((part, place) => this.write(part, `${pointer}/${joint}/${place}`)) };
  }

  writePast(node) {
    const within = {
      ever: () => "ever",
      last: () => ({ last: whole(node.number), unit: node.unit }),
      current: () => ({ period: "current", unit: node.unit }),
      previous: () => ({ period: "previous", unit: node.unit }),
    }[node.reach]();
    const written = { history: node.past.name, measure: node.measure, within };
    return node.of ? { ...written, of: node.of } : written;
  }

  value(field, node) {
    const read = (text) => {
      if (field.type in this.places) return minor(text, this.places[field.type]);
      return field.type === "number" ? whole(text) : text;
    };
    if (field.type === "flag") return node.shown === true || node.shown === "true";
    if (!isList(node.op)) return read(String(node.shown).trim());
    return split(node.shown).map(read);
  }

  keep() {
    this.input.value = JSON.stringify(this.write(this.tree));
  }

  changed() {
    this.keep();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  blamed(node, pointer) {
    if (!pointer || !pointer.startsWith(node.pointer)) return null;
    const inside = [...(node.parts ?? []), ...(node.where ? [node.where] : [])];
    for (const part of inside) {
      const found = this.blamed(part, pointer);
      if (found) return found;
    }
    return node;
  }

  /* What people see. */

  draw(focus) {
    this.rows.replaceChildren(this.drawGroup(this.tree, null));
    focus?.focused?.focus();
  }

  redraw(node) {
    this.wrong = null;
    this.changed();
    this.draw(node);
  }

  drawGroup(node, parent) {
    const box = element("fieldset", { className: "d-conditions-group" });
    const said = this.texts.said;
    box.append(element("legend", { className: "visually-hidden", textContent: said.group }));
    const head = element("div", { className: "d-conditions-head" });
    if (node.parts.length > 1 || parent) {
      const joint = this.select(said.joint, Object.entries(this.texts.joints), node.joint, (value) => {
        node.joint = value;
        this.changed();
      });
      node.focused = joint;
      head.append(joint);
    }
    if (parent) head.append(this.removing(node, parent));
    if (head.childElementCount) box.append(head);
    this.fill(box, node, parent);
    return box;
  }

  fill(box, node, parent) {
    const said = this.texts.said;
    if (!node.parts.length && !parent) box.append(element("p", { className: "d-hint", textContent: said.everybody }));
    const list = element("ul", { className: "d-conditions-list" });
    for (const part of node.parts) {
      const item = element("li", {});
      item.append(part.kind === "group" ? this.drawGroup(part, node) : this.drawRow(part, node));
      list.append(item);
    }
    if (node.parts.length) box.append(list);
    const actions = element("div", { className: "d-actions" });
    const add = this.button(said.add, "add", () => this.add(node, this.fresh(node.words)));
    actions.append(add);
    actions.append(this.button(said.add_group, "account_tree", () => {
      this.add(node, { kind: "group", words: node.words, joint: "any", parts: [this.fresh(node.words)] });
    }));
    node.adding = add;
    box.append(actions);
  }

  drawRow(node, parent) {
    const row = element("div", { className: "d-condition" });
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `${this.texts.said.condition} ${parent.parts.indexOf(node) + 1}`);
    if (node === this.wrong) row.classList.add("is-wrong");
    const line = element("div", { className: "d-condition-line" });
    line.append(this.about(node, parent));
    if (node.kind === "past") this.drawPast(line, node);
    if (node.kind === "sum") line.append(this.ofWhat(node, node.things, true));
    if (node.kind === "some") this.drawWhich(line, node);
    else line.append(...this.comparison(node));
    row.append(line, this.removing(node, parent));
    if (node.where) row.append(this.drawWhere(node));
    return row;
  }

  drawWhich(line, node) {
    const which = node.things.which.map((name) => [name, `${this.texts.which[name]} ${node.things.label}`]);
    line.append(this.select(this.texts.said.which, which, node.which, (value) => {
      node.which = value;
      this.changed();
    }));
  }

  drawPast(line, node) {
    const { said, measures, reaches, units, periods } = this.texts;
    const counted = node.past.measures.map((name) => [name, measures[name]]);
    line.append(this.select(said.measure, counted, node.measure, (value) => {
      node.measure = value;
      const fields = node.past.items.fields.filter((field) => field.summed);
      node.of = node.past.measured.includes(value) ? (node.of ?? fields[0].name) : null;
      this.redraw(node);
    }));
    if (node.past.measured.includes(node.measure)) line.append(this.ofWhat(node, node.past, false));
    line.append(this.select(said.within, Object.entries(reaches), node.reach, (value) => {
      node.reach = value;
      if (value === "last" && !node.past.units.includes(node.unit)) node.unit = "month";
      this.redraw(node);
    }));
    if (node.reach === "ever") return;
    if (node.reach === "last") {
      line.append(this.text(said.number, "numeric", node.number, (value) => {
        node.number = value;
      }));
    }
    const names = node.reach === "last" ? node.past.units.map((name) => [name, units[name]]) : node.past.periods.map((name) => [name, periods[name]]);
    line.append(this.select(said.unit, names, node.unit, (value) => {
      node.unit = value;
      this.changed();
    }));
  }

  ofWhat(node, things, mayCount) {
    const names = things.items.fields.filter((field) => field.summed).map((field) => [field.name, field.label]);
    if (mayCount) names.unshift(["", this.texts.said.count]);
    return this.select(this.texts.said.of, names, node.of ?? "", (value) => {
      node.of = value || null;
      this.redraw(node);
    });
  }

  drawWhere(node) {
    const box = element("div", { className: "d-condition-where" });
    const said = this.texts.said;
    const narrowed = node.kind === "some" || node.where.parts.length;
    if (!narrowed) {
      const narrow = this.button(said.narrow, "filter_alt", () => this.add(node.where, this.fresh(node.where.words)));
      node.where.adding = narrow;
      box.append(narrow);
      return box;
    }
    box.append(element("p", { className: "d-hint", textContent: said.only_where }), this.drawGroup(node.where, null));
    return box;
  }

  comparison(node) {
    const field = node.kind === "field" ? node.field : this.measured(node);
    const { said, ops } = this.texts;
    if (!field.ops.includes(node.op)) node.op = field.ops[0];
    if (field.type === "flag") {
      const answers = [["true", said.yes], ["false", said.no]];
      return [this.select(said.value, answers, String(node.shown), (value) => {
        node.shown = value === "true";
        this.changed();
      })];
    }
    const names = field.ops.map((name) => [name, ops[name]]);
    const op = this.select(said.op, names, node.op, (value) => {
      const was = isList(node.op);
      node.op = value;
      if (was === isList(value)) this.changed();
      else this.relist(node, field);
    });
    return [op, this.drawValue(node, field)];
  }

  relist(node, field) {
    const one = split(node.shown)[0] ?? "";
    node.shown = isList(node.op) ? [one].filter(Boolean) : one || (field.choices[0]?.[0] ?? "");
    this.redraw(node);
  }

  drawValue(node, field) {
    const said = this.texts.said;
    if (field.choices.length && isList(node.op)) return this.checks(node, field.choices);
    if (field.choices.length) {
      return this.select(said.value, field.choices, node.shown, (value) => {
        node.shown = value;
        this.changed();
      });
    }
    const mode = { number: "numeric", money: "decimal", quantity: "decimal" }[field.type] ?? "text";
    const box = this.text(isList(node.op) ? said.values : said.value, mode, split(node.shown).join(", "), (value) => {
      node.shown = isList(node.op) ? split(value) : value;
    });
    if (!isList(node.op) && (field.type === "date" || field.type === "time")) box.type = field.type;
    if (isList(node.op)) box.placeholder = said.values;
    else if (field.type === "money") box.placeholder = said.currency;
    return box;
  }

  checks(node, choices) {
    const box = element("span", { className: "d-condition-checks" });
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", this.texts.said.value);
    for (const [value, label] of choices) {
      const one = element("input", { type: "checkbox", checked: split(node.shown).includes(value) });
      one.addEventListener("change", () => {
        const others = split(node.shown).filter((kept) => kept !== value);
        node.shown = one.checked ? [...others, value] : others;
        this.changed();
      });
      const named = element("label", {});
      named.append(one, ` ${label}`);
      box.append(named);
    }
    return box;
  }

  about(node, parent) {
    const { said } = this.texts;
    const words = parent.words;
    const groups = [
      [said.fields, words.fields.map((field) => [`field ${field.name}`, field.label])],
      [said.things, words.collections.flatMap((things) => [
        [`some ${things.name}`, `${said.some} ${things.plural}`],
        [`sum ${things.name}`, `${said.sum} ${things.plural}`],
      ])],
      [said.past, words.pasts.map((past) => [`past ${past.name}`, past.plural])],
    ];
    const now = `${node.kind} ${(node.field ?? node.things ?? node.past).name}`;
    const select = this.grouped(said.about, groups, now, (value) => {
      const [kind, name] = value.split(" ");
      const other = this.begin(kind, name, words);
      parent.parts[parent.parts.indexOf(node)] = other;
      this.redraw(other);
    });
    node.focused = select;
    return select;
  }

  begin(kind, name, words) {
    if (kind === "field") return this.plain(find(words.fields, name), words);
    const nothing = (items) => ({ kind: "group", words: items, joint: "all", parts: [] });
    if (kind === "past") {
      const past = find(words.pasts, name);
      const within = { reach: "last", number: "30", unit: "day" };
      return { kind, words, past, measure: "count", of: null, op: "gte", shown: "1", where: nothing(past.items), ...within };
    }
    const things = find(words.collections, name);
    if (kind === "sum") return { kind, words, things, of: null, op: "gte", shown: "1", where: nothing(things.items) };
    const where = { ...nothing(things.items), parts: [this.fresh(things.items)] };
    return { kind, words, things, which: "any", where };
  }

  plain(field, words) {
    const shown = field.type === "flag" ? true : (field.choices[0]?.[0] ?? "");
    const op = field.ops[0];
    return { kind: "field", words, field, op, shown: isList(op) ? [] : shown };
  }

  fresh(words) {
    return words.pasts.length ? this.begin("past", words.pasts[words.pasts.length - 1].name, words) : this.plain(words.fields[0], words);
  }

  add(node, part) {
    node.parts.push(part);
    this.redraw(part);
  }

  removing(node, parent) {
    const button = this.button(this.texts.said.remove, "close", () => {
      parent.parts.splice(parent.parts.indexOf(node), 1);
      this.redraw({});
      this.told.textContent = this.texts.said.removed;
      parent.adding?.focus();
    });
    button.classList.add("is-remove");
    return button;
  }

  /* Controls. */

  select(label, options, value, act) {
    return this.grouped(label, [["", options]], value, act);
  }

  grouped(label, groups, value, act) {
    const select = element("select", {});
    select.setAttribute("aria-label", label);
    for (const [name, options] of groups.filter(([, inside]) => inside.length)) {
      const place = name ? element("optgroup", { label: name }) : select;
      for (const [key, text] of options) place.append(element("option", { value: key, textContent: text, selected: key === value }));
      if (name) select.append(place);
    }
    select.addEventListener("change", () => act(select.value));
    return select;
  }

  text(label, mode, value, act) {
    const box = element("input", { type: "text", inputMode: mode, value, autocomplete: "off" });
    box.setAttribute("aria-label", label);
    box.addEventListener("input", (event) => {
      event.stopPropagation();
      act(box.value);
      this.changed();
    });
    return box;
  }

  button(label, icon, act) {
    const button = element("button", { type: "button", className: "d-button is-quiet" });
    const picture = element("span", { className: "material-symbols-outlined", textContent: icon });
    picture.setAttribute("aria-hidden", "true");
    button.append(picture, element("span", { textContent: label }));
    button.addEventListener("click", act);
    return button;
  }
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function find(rows, name) {
  return rows.find((row) => row.name === name);
}

function isGroup(tree) {
  return Boolean(tree) && ["all", "any", "none"].some((joint) => Array.isArray(tree[joint]));
}

function isList(op) {
  return op === "in" || op === "not_in" || op.startsWith("has");
}

function split(shown) {
  const parts = Array.isArray(shown) ? shown : String(shown).split(",");
  return parts.map((part) => String(part).trim()).filter(Boolean);
}

function read(text) {
  try {
    return JSON.parse(text) ?? START;
  } catch {
    return START;
  }
}

/* What is no number stays text: the server says so at its row. */

function whole(text) {
  return /^-?\d{1,15}$/.test(String(text).trim()) ? Number(text) : String(text);
}

function minor(text, places) {
  const match = /^(-?)(\d{1,12})(?:[.,](\d*))?$/.exec(text);
  if (!match || (match[3] ?? "").length > places) return text;
  const digits = Number(match[2] + (match[3] ?? "").padEnd(places, "0"));
  return match[1] ? -digits : digits;
}

function decimal(value, places) {
  if (!places) return String(value);
  const digits = String(Math.abs(value)).padStart(places + 1, "0");
  return `${value < 0 ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

for (const root of document.querySelectorAll("[data-conditions]")) new Builder(root);
