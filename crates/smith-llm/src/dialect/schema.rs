//! JSON Schemas as each provider takes them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::chat::OutputSchema;

/// Levels of nesting that a schema may have, references followed.
const MOST_LEVELS: usize = 40;

/// Schemas that one schema may become.
const MOST_NODES: usize = 2000;

/// Keywords that Gemini takes as they are.
const GEMINI_KEYWORDS: [&str; 16] = [
    "title",
    "description",
    "default",
    "nullable",
    "required",
    "propertyOrdering",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "example",
];

/// Formats that Gemini knows; it refuses others.
const GEMINI_FORMATS: [&str; 6] = ["enum", "date-time", "int32", "int64", "float", "double"];

/// Keywords that only name or comment: nothing is lost without them.
const IDLE_KEYWORDS: [&str; 7] =
    ["$schema", "$id", "$comment", "$defs", "definitions", "examples", "$anchor"];

/// Constraints that Anthropic refuses in the schema of an answer.
const ANTHROPIC_REFUSES: [&str; 10] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "minItems",
    "uniqueItems",
];

/// A schema in a provider's subset, and the keywords that are not in it any more.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rewritten {
    pub(super) schema: Value,
    pub(super) left_out: BTreeSet<String>,
}

/// The warning for what was left out of the schemas of a request; `None` if nothing was.
pub(super) fn warning(of: &str, left_out: &BTreeSet<String>) -> Option<String> {
    let words: Vec<&str> = left_out.iter().map(String::as_str).collect();
    (!words.is_empty())
        .then(|| format!("{of} was sent without what this provider does not take: {}", words.join(", ")))
}

/// Whether OpenAI's strict mode can take the schema of an answer: every object closed, every property required.
/// Otherwise the answer is only asked to follow it, which a warning says.
pub(super) fn strict(output: &OutputSchema, warnings: &mut Vec<String>) -> bool {
    let strict = is_strict(&output.schema, MOST_LEVELS);
    if !strict {
        warnings.push(format!(
            "the schema {:?} is not enforced: strict mode wants `additionalProperties: false` and every property \
             required, in every object",
            output.name
        ));
    }
    strict
}

fn is_strict(schema: &Value, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return false };
    match schema {
        Value::Array(items) => items.iter().all(|item| is_strict(item, levels)),
        Value::Object(map) => {
            let closed = map.get("additionalProperties") == Some(&Value::Bool(false));
            let properties = map.get("properties").and_then(Value::as_object);
            let required = map.get("required").and_then(Value::as_array);
            let all_required = properties.into_iter().flatten().all(|(name, _)| {
                required
                    .is_some_and(|required| required.iter().any(|word| word.as_str() == Some(name.as_str())))
            });
            let is_object = map.get("type").is_some_and(|kind| kind == "object") || properties.is_some();
            let inner = map
                .iter()
                .filter(|(name, _)| !["enum", "const", "default", "examples"].contains(&name.as_str()));
            (!is_object || closed && all_required)
                && inner.into_iter().all(|(_, value)| is_strict(value, levels))
        }
        _ => true,
    }
}

/// The schema of an answer for Anthropic: objects closed, without the constraints that it refuses.
pub(super) fn for_anthropic(schema: &Value) -> Rewritten {
    let mut left_out = BTreeSet::new();
    let schema = close(schema, MOST_LEVELS, &mut left_out);
    Rewritten { schema, left_out }
}

fn close(schema: &Value, levels: usize, left_out: &mut BTreeSet<String>) -> Value {
    let Value::Object(map) = schema else { return schema.clone() };
    let Some(levels) = levels.checked_sub(1) else {
        left_out.insert(format!("what is nested more than {MOST_LEVELS} levels deep"));
        return json!({});
    };
    let mut closed = Map::new();
    for (name, value) in map {
        match (name.as_str(), value) {
            // Whether there is at least one item can be said.
            ("minItems", count) if count.as_u64().is_some_and(|count| count <= 1) => {}
            (word, _) if ANTHROPIC_REFUSES.contains(&word) => {
                left_out.insert(format!("`{word}`"));
                continue;
            }
            ("properties" | "$defs" | "definitions", Value::Object(inner)) => {
                let inner: Map<String, Value> =
                    inner.iter().map(|(key, item)| (key.clone(), close(item, levels, left_out))).collect();
                closed.insert(name.clone(), inner.into());
                continue;
            }
            ("items", item) => {
                closed.insert(name.clone(), close(item, levels, left_out));
                continue;
            }
            ("anyOf" | "allOf", Value::Array(items)) => {
                closed.insert(name.clone(), items.iter().map(|item| close(item, levels, left_out)).collect());
                continue;
            }
            ("additionalProperties", value) if *value != Value::Bool(false) => {
                left_out.insert("`additionalProperties` other than false".into());
                continue;
            }
            _ => {}
        }
        closed.insert(name.clone(), value.clone());
    }
    if closed.get("type").is_some_and(|kind| kind == "object") {
        closed.insert("additionalProperties".into(), false.into());
    }
    closed.into()
}

/// A schema for Gemini: a part of OpenAPI's, without references, lists of types and most constraints.
pub(super) fn for_gemini(schema: &Value) -> Rewritten {
    let mut rewriter =
        ForGemini { root: schema, followed: Vec::new(), nodes: MOST_NODES, left_out: BTreeSet::new() };
    let schema = rewriter.rewrite(schema, MOST_LEVELS);
    Rewritten { schema, left_out: rewriter.left_out }
}

struct ForGemini<'a> {
    root: &'a Value,
    /// References on the way from the root to here.
    followed: Vec<String>,
    /// Schemas that may still be written: references can multiply.
    nodes: usize,
    left_out: BTreeSet<String>,
}

impl ForGemini<'_> {
    fn rewrite(&mut self, schema: &Value, levels: usize) -> Value {
        let (Some(levels), Some(nodes)) = (levels.checked_sub(1), self.nodes.checked_sub(1)) else {
            self.left_out.insert(format!(
                "what is nested more than {MOST_LEVELS} levels deep or beyond {MOST_NODES} schemas"
            ));
            return json!({"type": "object"});
        };
        self.nodes = nodes;
        let Value::Object(map) = schema else {
            // `true` allows everything.
            self.left_out.insert("schemas that are no objects".into());
            return json!({});
        };
        let mut out = Map::new();
        for (name, value) in map {
            self.keyword(name, value, levels, &mut out);
        }
        // Required properties that are not listed are refused.
        if let Some(Value::Object(properties)) = out.get("properties").cloned()
            && let Some(Value::Array(required)) = out.get_mut("required")
        {
            required.retain(|name| name.as_str().is_some_and(|name| properties.contains_key(name)));
        }
        out.into()
    }

    fn keyword(&mut self, name: &str, value: &Value, levels: usize, out: &mut Map<String, Value>) {
        match (name, value) {
            ("type", Value::Array(types)) => self.types(types, out),
            ("type", value) => drop(out.insert("type".into(), value.clone())),
            ("properties", Value::Object(properties)) => {
                let rewritten: Map<String, Value> =
                    properties.iter().map(|(key, item)| (key.clone(), self.rewrite(item, levels))).collect();
                out.insert("properties".into(), rewritten.into());
            }
            ("items", item) => drop(out.insert("items".into(), self.rewrite(item, levels))),
            ("anyOf" | "oneOf", Value::Array(items)) => {
                out.insert("anyOf".into(), items.iter().map(|item| self.rewrite(item, levels)).collect());
            }
            ("allOf", Value::Array(items)) if items.len() == 1 => self.merge(items.first(), levels, out),
            ("$ref", Value::String(place)) => self.follow(place, levels, out),
            ("const", Value::String(_)) => words(json!([value]), out),
            ("enum", Value::Array(items)) if items.iter().all(Value::is_string) => words(value.clone(), out),
            ("format", Value::String(word)) if GEMINI_FORMATS.contains(&word.as_str()) => {
                out.insert("format".into(), value.clone());
            }
            (name, value) if GEMINI_KEYWORDS.contains(&name) => drop(out.insert(name.into(), value.clone())),
            (name, _) if IDLE_KEYWORDS.contains(&name) => {}
            (name, _) => drop(self.left_out.insert(format!("`{name}`"))),
        }
    }

    /// One type and null is a nullable type; of more, each is a choice.
    fn types(&mut self, types: &[Value], out: &mut Map<String, Value>) {
        let others: Vec<&Value> = types.iter().filter(|kind| *kind != "null").collect();
        if others.len() < types.len() {
            out.insert("nullable".into(), true.into());
        }
        match others.as_slice() {
            [] => drop(self.left_out.insert("`type: null`".into())),
            [one] => drop(out.insert("type".into(), (*one).clone())),
            many => drop(out.insert("anyOf".into(), many.iter().map(|kind| json!({"type": kind})).collect())),
        }
    }

    fn follow(&mut self, place: &str, levels: usize, out: &mut Map<String, Value>) {
        if self.followed.iter().any(|followed| followed == place) {
            self.left_out.insert("schemas that refer to themselves".into());
            out.insert("type".into(), "object".into());
            return;
        }
        let root = self.root;
        let target = place.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        self.followed.push(place.to_owned());
        self.merge(target, levels, out);
        self.followed.pop();
    }

    fn merge(&mut self, schema: Option<&Value>, levels: usize, out: &mut Map<String, Value>) {
        match schema.map(|schema| self.rewrite(schema, levels)) {
            Some(Value::Object(inner)) => out.extend(inner),
            _ => drop(self.left_out.insert("references that lead nowhere".into())),
        }
    }
}

/// A choice of words, which are strings even where the schema does not say so.
fn words(choice: Value, out: &mut Map<String, Value>) {
    out.insert("enum".into(), choice);
    out.entry("type").or_insert_with(|| "string".into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(rewritten: &Rewritten) -> Vec<&str> {
        rewritten.left_out.iter().map(String::as_str).collect()
    }

    #[test]
    fn strict_mode_takes_closed_objects_with_everything_required() {
        let closed = |inner: Value| {
            json!({"type": "object", "properties": {"a": inner}, "required": ["a"],
            "additionalProperties": false})
        };
        for (schema, expected) in [
            (closed(json!({"type": "string"})), true),
            (closed(json!({"type": "array", "items": closed(json!({"type": "null"}))})), true),
            (closed(json!({"type": "array", "items": {"type": "object"}})), false),
            (json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false}), false),
            (json!({"type": "object", "properties": {"a": {}}, "required": ["a"]}), false),
            (closed(json!({"enum": [{"type": "object"}]})), true),
        ] {
            let mut warnings = Vec::new();
            let output = OutputSchema { name: "n".into(), schema: schema.clone() };
            assert_eq!(strict(&output, &mut warnings), expected, "{schema}");
            assert_eq!(warnings.len(), usize::from(!expected));
        }
    }

    #[test]
    fn gemini_gets_its_subset_and_the_rest_is_named() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {"point": {"type": "object", "properties": {"x": {"type": "number", "exclusiveMinimum": 0}}}},
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "where": {"$ref": "#/$defs/point", "description": "a place"},
                "name": {"type": ["string", "null"], "format": "uri", "minLength": 1},
                "either": {"oneOf": [{"type": "integer", "format": "int64"}, {"const": "all"}]},
                "mixed": {"type": ["string", "integer"]},
                "level": {"type": "integer", "enum": [1, 2]},
                "mode": {"allOf": [{"type": "string", "enum": ["a", "b"]}]},
            },
            "required": ["where", "ghost"],
        });
        let rewritten = for_gemini(&schema);
        assert_eq!(
            rewritten.schema,
            json!({
                "type": "object",
                "properties": {
                    "where": {"type": "object", "properties": {"x": {"type": "number"}}, "description": "a place"},
                    "name": {"type": "string", "nullable": true, "minLength": 1},
                    "either": {"anyOf": [{"type": "integer", "format": "int64"}, {"type": "string", "enum": ["all"]}]},
                    "mixed": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                    "level": {"type": "integer"},
                    "mode": {"type": "string", "enum": ["a", "b"]},
                },
                "required": ["where"],
            })
        );
        assert_eq!(named(&rewritten), ["`additionalProperties`", "`enum`", "`exclusiveMinimum`", "`format`"]);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema =
            json!({"type": "object", "properties": {"next": {"$ref": "#"}, "lost": {"$ref": "#/nowhere"}}});
        let rewritten = for_gemini(&schema);
        assert_eq!(named(&rewritten), ["references that lead nowhere", "schemas that refer to themselves"]);
    }

    #[test]
    fn references_that_multiply_are_bounded() {
        let level = |i: usize| {
            let next = json!({"$ref": format!("#/$defs/d{}", i + 1)});
            (format!("d{i}"), json!({"anyOf": [next, next, next, next]}))
        };
        let defs: Map<String, Value> = (0..30).map(level).chain([("d30".to_owned(), json!({}))]).collect();
        let rewritten = for_gemini(&json!({"$ref": "#/$defs/d0", "$defs": defs}));
        assert!(named(&rewritten)[0].contains("beyond 2000 schemas"), "{:?}", rewritten.left_out);
        assert!(rewritten.schema.to_string().len() < 200_000);
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let schema = json!({"type": "object", "properties": {"minimum": {"type": "number"}, "$schema": {"type": "string"}}});
        assert_eq!(for_gemini(&schema), Rewritten { schema: schema.clone(), left_out: BTreeSet::new() });
        assert_eq!(for_anthropic(&schema).schema["properties"], schema["properties"]);
    }

    #[test]
    fn anthropic_gets_closed_objects_without_bounds() {
        let schema = json!({"type": "object", "properties": {
            "n": {"type": "integer", "minimum": 0, "description": "how many"},
            "list": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "object", "properties": {}}},
        }, "required": ["n"]});
        let rewritten = for_anthropic(&schema);
        assert_eq!(
            rewritten.schema,
            json!({"type": "object", "additionalProperties": false, "properties": {
                "n": {"type": "integer", "description": "how many"},
                "list": {"type": "array", "minItems": 1,
                    "items": {"type": "object", "properties": {}, "additionalProperties": false}},
            }, "required": ["n"]})
        );
        assert_eq!(named(&rewritten), ["`maxItems`", "`minimum`"]);
        assert_eq!(
            warning("the schema", &rewritten.left_out).unwrap(),
            "the schema was sent without what this provider does not take: `maxItems`, `minimum`"
        );
        assert_eq!(warning("the schema", &BTreeSet::new()), None);
    }
}
