//! The JSON Schema of a plan, made of its document's structs.
//!
//! Of draft-07 (<https://json-schema.org/draft-07>), which editors of TOML know.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::source::Item;
use super::text::plain;

/// The schema, with each struct and enum among its `definitions`.
pub(crate) fn schema(items: &BTreeMap<String, Item>) -> Value {
    let mut definitions = Map::new();
    let mut open = vec!["PlanDocument".to_owned()];
    while let Some(name) = open.pop() {
        if definitions.contains_key(&name) {
            continue;
        }
        definitions.insert(name.clone(), definition(items, &name));
        let names = items[&name].keys.iter().map(|key| key.kind.as_str());
        for kind in names.chain(others(&name).iter().copied()) {
            let kind = inner(kind);
            if items.contains_key(kind) {
                open.push(kind.to_owned());
            }
        }
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A linkage plan of kobling",
        "$ref": "#/definitions/PlanDocument",
        "definitions": definitions,
    })
}

/// What a struct that is not read key by key is made of.
fn others(name: &str) -> &'static [&'static str] {
    match name {
        "FnrKinds" => &["FnrKind"],
        "CountDocument" => &["ConditionDocument"],
        "CategoriesDocument" => &["CodeListDocument"],
        _ => &[],
    }
}

/// The type at the heart of lists and tables.
pub(crate) fn inner(kind: &str) -> &str {
    let mut kind = kind;
    for start in ["Option<", "Vec<", "BTreeMap<String, "] {
        if let Some(rest) = kind.strip_prefix(start) {
            kind = rest.strip_suffix('>').expect("a closed bracket");
            return inner(kind);
        }
    }
    kind
}

fn definition(items: &BTreeMap<String, Item>, name: &str) -> Value {
    let item = &items[name];
    let form = match name {
        // Forms that are deserialised by hand.
        "BandsDocument" => either(list("number"), object(items, item, &["edges"])),
        "ValidFromDocument" => either(
            json!({ "type": "string" }),
            object(items, item, &["column"]),
        ),
        "SensitiveDocument" => either(json!({ "type": "string" }), object(items, item, &["name"])),
        "CategoriesDocument" => either(list("string"), reference("CodeListDocument")),
        "MarginsDocument" => either(
            json!({ "type": "boolean" }),
            json!({ "type": "array", "items": list("string") }),
        ),
        "CountDocument" => either(
            json!({ "type": "boolean" }),
            json!({
                "type": "object",
                "properties": {
                    "where": { "type": "array", "items": reference("ConditionDocument") },
                },
                "required": ["where"],
                "additionalProperties": false,
            }),
        ),
        "CountInterval" => either(json!({ "type": "integer" }), json!({ "enum": ["full"] })),
        _ if !item.names.is_empty() => {
            let names: Vec<&String> = item.names.iter().map(|(name, _)| name).collect();
            json!({ "enum": names })
        }
        _ => {
            let required = item.keys.iter().filter(|key| key.is_required);
            let required: Vec<&str> = required.map(|key| key.name.as_str()).collect();
            object(items, item, &required)
        }
    };
    described(form, &item.docs)
}

fn object(items: &BTreeMap<String, Item>, item: &Item, required: &[&str]) -> Value {
    let properties = item.keys.iter().map(|key| {
        let form = kind(items, &key.kind);
        (key.name.clone(), described(form, &key.docs))
    });
    let mut object = json!({
        "type": "object",
        "properties": properties.collect::<Map<String, Value>>(),
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// The form of a Rust type.
fn kind(items: &BTreeMap<String, Item>, name: &str) -> Value {
    let generic = |start: &str| name.strip_prefix(start)?.strip_suffix('>');
    if let Some(of) = generic("Vec<") {
        return json!({ "type": "array", "items": kind(items, of) });
    }
    if let Some(of) = generic("BTreeMap<String, ") {
        return json!({ "type": "object", "additionalProperties": kind(items, of) });
    }
    match name {
        "String" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "u8" | "u32" | "u64" => json!({ "type": "integer", "minimum": 0 }),
        "Percent" => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
        "Number" => json!({ "type": ["number", "string"] }),
        "Scalar" => json!({ "type": ["string", "number", "boolean"] }),
        "Date" => json!({ "type": "string", "format": "date" }),
        "FnrKinds" => json!({ "type": "array", "items": reference("FnrKind") }),
        name if items.contains_key(name) => reference(name),
        name => panic!("the schema does not know the type {name}"),
    }
}

fn list(of: &str) -> Value {
    json!({ "type": "array", "items": { "type": of } })
}

fn either(one: Value, other: Value) -> Value {
    json!({ "anyOf": [one, other] })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// With the docs. Beside a reference nothing else is looked at, so it is in `allOf`.
fn described(form: Value, docs: &[String]) -> Value {
    let mut form = match form.get("$ref") {
        Some(_) => json!({ "allOf": [form] }),
        None => form,
    };
    form["description"] = json!(plain(docs).trim());
    form
}

/// What `value` breaks of `form`, the first of it; `root` has the definitions.
pub(crate) fn broken(root: &Value, form: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(reference) = form["$ref"].as_str() {
        let place = reference.strip_prefix('#').expect("of this schema");
        return broken(root, root.pointer(place).expect("is defined"), value, at);
    }
    let refuse = |rule: &str| Some(format!("{at}: {rule}"));
    if let Some(forms) = form["anyOf"].as_array() {
        let fits = forms
            .iter()
            .any(|form| broken(root, form, value, at).is_none());
        return if fits {
            None
        } else {
            refuse("is none of these forms")
        };
    }
    if let Some(forms) = form["allOf"].as_array() {
        return forms.iter().find_map(|form| broken(root, form, value, at));
    }
    if let Some(names) = form["enum"].as_array()
        && !names.contains(value)
    {
        return refuse("is no such name");
    }
    let kinds: Vec<&str> = match &form["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        other => panic!("the type {other}"),
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        return refuse("is of another type");
    }
    let number = value.as_f64();
    if number
        .zip(form["minimum"].as_f64())
        .is_some_and(|(is, least)| is < least)
        || number
            .zip(form["maximum"].as_f64())
            .is_some_and(|(is, most)| is > most)
    {
        return refuse("is out of bounds");
    }
    if let Some(values) = value.as_array() {
        return values
            .iter()
            .find_map(|value| broken(root, &form["items"], value, at));
    }
    let object = value.as_object()?;
    let required = form["required"].as_array().into_iter().flatten();
    if let Some(key) = required
        .filter_map(Value::as_str)
        .find(|key| !object.contains_key(*key))
    {
        return refuse(&format!("lacks `{key}`"));
    }
    object.iter().find_map(|(key, value)| {
        let at = format!("{at}.{key}");
        match (form["properties"].get(key), &form["additionalProperties"]) {
            (Some(form), _) => broken(root, form, value, &at),
            (None, Value::Bool(false)) => Some(format!("{at}: is no such key")),
            (None, form) => broken(root, form, value, &at),
        }
    })
}
