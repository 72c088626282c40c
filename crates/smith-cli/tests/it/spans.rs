//! Spans of a run arrive at a collector of OpenTelemetry's protocol.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::datasets;
use crate::endpoint::{Endpoint, Reply, url_of_nobody};
use crate::keys::{KEY, prying};
use crate::model::NAME;
use crate::program::{Ended, Place, run};
use crate::reference::pipeline;

/// What a collector was sent.
struct Collector {
    endpoint: Endpoint,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    fn start(status: u16) -> Self {
        let bodies = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&bodies);
        let endpoint = Endpoint::start(Duration::ZERO, move |request| {
            assert_eq!(request.path, "/traces");
            kept.lock().unwrap().push(request.body.clone());
            Reply { status, body: json!({}) }
        });
        Self { endpoint, bodies }
    }

    /// All spans with their resource's attributes.
    fn spans(&self) -> Vec<(Value, Value)> {
        let bodies = self.bodies.lock().unwrap();
        let of_resource = |resource: &Value| {
            let attributes = resource["resource"]["attributes"].clone();
            let spans = list(&resource["scopeSpans"]).flat_map(|scope| list(&scope["spans"]));
            spans.map(|span| (attributes.clone(), span)).collect::<Vec<_>>()
        };
        bodies
            .iter()
            .flat_map(|body| list(&body["resourceSpans"]))
            .flat_map(|one| of_resource(&one))
            .collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = Value> + use<> {
    value.as_array().cloned().unwrap_or_default().into_iter()
}

/// The value of an attribute in the protocol's JSON; large integers are text there.
fn attribute(attributes: &Value, key: &str) -> Option<String> {
    let value = list(attributes).find(|attribute| attribute["key"] == key)?["value"].clone();
    let (_, value) = value.as_object()?.iter().next()?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// A run whose model calls a tool once and is refused then, with spans to the collector at `url`.
fn watched(place: &Place, url: &str) -> Ended {
    let endpoint = prying();
    datasets::tea(&place.path("tea"));
    let mut command = pipeline(place, &place.path("tea"), &endpoint.url(), &place.path("run"));
    command.env("OPENAI_API_KEY", KEY).env("OTEL_EXPORTER_OTLP_ENDPOINT", url.trim_end_matches("/v1"));
    run(&mut command).expect(2)
}

#[test]
fn a_collector_is_sent_the_spans_of_a_run_with_their_attributes_and_without_keys() {
    let (place, collector) = (Place::new(), Collector::start(200));
    let ended = watched(&place, &collector.endpoint.url());
    assert!(!ended.stderr.contains("warning: not all spans"), "{}", ended.stderr);
    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|(_, span)| span["name"] == name).collect::<Vec<_>>();
    let [(resource, agent)] = named("invoke_agent brainstorm")[..] else { panic!("{spans:#?}") };
    assert_eq!(attribute(resource, "service.name").as_deref(), Some("smith"));
    let chats = named(&format!("chat {NAME}"));
    let [(_, answered), (_, refused)] = chats[..] else { panic!("{spans:#?}") };
    let tool = &named("execute_tool run_shell")[0].1;
    let expected: [(&Value, &[(&str, &str)]); 4] = [
        (agent, &[("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "brainstorm")]),
        (
            answered,
            &[
                ("gen_ai.operation.name", "chat"),
                ("gen_ai.provider.name", "openai-compatible"),
                ("gen_ai.request.model", NAME),
                ("gen_ai.response.model", "prying"),
                ("gen_ai.usage.input_tokens", "700"),
                ("gen_ai.usage.output_tokens", "30"),
            ],
        ),
        (refused, &[("gen_ai.request.model", NAME), ("error.type", "mistake")]),
        (tool, &[("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "run_shell")]),
    ];
    for (span, attributes) in expected {
        for (key, value) in attributes {
            assert_eq!(attribute(&span["attributes"], key).as_deref(), Some(*value), "{key} of {span:#}");
        }
    }
    for child in [answered, refused, tool] {
        assert_eq!((&child["traceId"], &child["parentSpanId"]), (&agent["traceId"], &agent["spanId"]));
    }
    let text = Value::from(collector.bodies.lock().unwrap().clone()).to_string();
    assert!(!text.contains(KEY), "the key is in {text}");
    // Nor what was said: the tool's arguments and its output.
    assert!(!text.contains("/proc/self"), "{text}");
}

#[test]
fn a_collector_that_is_not_there_or_refuses_changes_nothing_but_a_warning() {
    let refusing = Collector::start(400);
    for (url, words) in [(url_of_nobody(), "no connection"), (refusing.endpoint.url(), "status 400")] {
        let ended = watched(&Place::new(), &url);
        ended.says(&["refused the key"]);
        let warning = ended.stderr.lines().find(|line| line.starts_with("warning: not all spans"));
        assert!(warning.is_some_and(|warning| warning.contains(words)), "{}", ended.stderr);
    }
}
