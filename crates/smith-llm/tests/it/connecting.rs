//! Specs, and what a connection needs.

use smith_llm::{Budget, ConnectOptions, LlmError, MicroUsd, ModelSpec, PriceTable, Secret, connect};

use crate::support::{Memory, PLANTED_KEY, ask, echo, opening, options};

#[test]
fn specs_read_and_print_alike() {
    for (text, spec) in [
        ("openai:gpt-4o", ModelSpec::OpenAi("gpt-4o".into())),
        ("openai-responses:gpt-5", ModelSpec::OpenAiResponses("gpt-5".into())),
        ("anthropic:claude-sonnet-4-5", ModelSpec::Anthropic("claude-sonnet-4-5".into())),
        ("gemini:gemini-2.5-pro", ModelSpec::Gemini("gemini-2.5-pro".into())),
        ("openai-compatible:llama3.1:8b", ModelSpec::OpenAiCompatible("llama3.1:8b".into())),
        ("replay:runs/a.jsonl", ModelSpec::Replay("runs/a.jsonl".into())),
    ] {
        assert_eq!(text.parse::<ModelSpec>().unwrap(), spec);
        assert_eq!(spec.to_string(), text);
    }
}

#[test]
fn other_specs_are_told_the_forms() {
    for text in ["", "gpt-4o", "openai:", "openai: ", "acme:m", ":m", "OpenAI:gpt-4o"] {
        let error = text.parse::<ModelSpec>().unwrap_err();
        assert!(
            matches!(&error, LlmError::Mistake(said)
                if said.contains("openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME, ")
                    && said.contains("openai-compatible:NAME (with --base-url) or replay:FILE")),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_is_missing_is_a_mistake_that_says_how_to_give_it() {
    let priced_out = || Budget::new(Some(MicroUsd(1)), MicroUsd(0));
    let with_url =
        || ConnectOptions { base_url: Some("http://localhost:1/v1".into()), ..ConnectOptions::default() };
    let recording = std::path::Path::new("/nonexistent/folder/file.jsonl");
    for (spec, options, expected) in [
        ("openai:gpt-4o", ConnectOptions::default(), "set OPENAI_API_KEY"),
        ("openai-responses:gpt-5", ConnectOptions::default(), "set OPENAI_API_KEY"),
        ("anthropic:claude", ConnectOptions::default(), "set ANTHROPIC_API_KEY"),
        ("gemini:gemini-pro", ConnectOptions::default(), "set GEMINI_API_KEY"),
        (
            "openai:gpt-4o",
            ConnectOptions { api_key: Some(Secret::new("  ")), ..ConnectOptions::default() },
            "set OPENAI_API_KEY",
        ),
        ("openai-compatible:m", ConnectOptions::default(), "give --base-url"),
        (
            "openai-compatible:m",
            ConnectOptions { base_url: Some("localhost:8000".into()), ..ConnectOptions::default() },
            "must begin with http:// or https://",
        ),
        (
            "openai-compatible:m",
            ConnectOptions { budget: priced_out(), ..with_url() },
            "the price of model \"m\"",
        ),
        (
            "openai-compatible:m",
            ConnectOptions { record: Some(recording.into()), ..with_url() },
            "cannot be created",
        ),
        ("replay:x", ConnectOptions { record: Some(recording.into()), ..with_url() }, "cannot be recorded"),
    ] {
        let error = connect(&spec.parse().unwrap(), options).unwrap_err();
        assert!(matches!(&error, LlmError::Mistake(text) if text.contains(expected)), "{spec}: {error}");
    }
}

#[tokio::test]
async fn the_spec_decides_url_headers_and_how_the_key_is_sent() {
    for (spec, base_url, url, header, prefix) in [
        ("openai-responses:m", None, "https://api.openai.com/v1/responses", "authorization", "Bearer "),
        ("anthropic:m", None, "https://api.anthropic.com/v1/messages", "x-api-key", ""),
        ("anthropic:m", Some("http://proxy/v1/"), "http://proxy/v1/messages", "x-api-key", ""),
        (
            "gemini:m",
            None,
            "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
            "x-goog-api-key",
            "",
        ),
        (
            "gemini:tuned/m",
            Some("http://proxy"),
            "http://proxy/tuned/m:generateContent",
            "x-goog-api-key",
            "",
        ),
    ] {
        let transport = Memory::new(|_, _| Ok(crate::support::http(400, &[], "no")));
        let options = ConnectOptions {
            base_url: base_url.map(str::to_owned),
            api_key: Some(Secret::new(PLANTED_KEY)),
            ..options(&transport)
        };
        let connection = connect(&spec.parse().unwrap(), options).unwrap();
        assert!(ask(&connection.model, &opening("hi")).await.is_err());
        let sent = &transport.requests()[0];
        let credential = sent.credential.as_ref().unwrap();
        assert_eq!(
            (sent.url().as_str(), credential.header.as_str(), credential.prefix.as_str()),
            (url, header, prefix)
        );
        let version = sent.headers.iter().find(|(name, _)| name == "anthropic-version");
        assert_eq!(version.is_some(), spec.starts_with("anthropic"), "{spec}");
    }
}

#[tokio::test]
async fn the_spec_decides_endpoint_key_and_name_of_the_token_limit() {
    for (spec, base_url, url, limit) in [
        ("openai:gpt-4o", None, "https://api.openai.com/v1/chat/completions", "max_completion_tokens"),
        (
            "openai:gpt-4o",
            Some("http://proxy/v1/"),
            "http://proxy/v1/chat/completions",
            "max_completion_tokens",
        ),
        ("openai-compatible:gpt-4o", Some("http://local"), "http://local/chat/completions", "max_tokens"),
    ] {
        let transport = Memory::new(|_, request| Ok(echo(request)));
        let options = ConnectOptions {
            base_url: base_url.map(str::to_owned),
            api_key: Some(Secret::new(PLANTED_KEY)),
            ..options(&transport)
        };
        let connection = connect(&spec.parse().unwrap(), options).unwrap();
        assert_eq!((connection.name.as_str(), connection.live), ("gpt-4o", true));
        let request = smith_llm::ChatRequest {
            messages: opening("hi"),
            max_output_tokens: Some(77),
            ..smith_llm::ChatRequest::default()
        };
        connection.model.complete(&request).await.unwrap();
        let sent = &transport.requests()[0];
        assert_eq!((sent.url().as_str(), &sent.json()[limit]), (url, &77.into()));
        assert_eq!(sent.credential.as_ref().unwrap().secret.expose(), PLANTED_KEY);
        assert!(!format!("{sent:?}").contains(PLANTED_KEY));
    }
}

#[tokio::test]
async fn a_local_endpoint_needs_no_key_and_its_price_may_be_unknown() {
    let transport = Memory::new(|_, request| Ok(echo(request)));
    let options = ConnectOptions { prices: PriceTable::default(), ..options(&transport) };
    let connection = connect(&"openai-compatible:m".parse().unwrap(), options).unwrap();
    assert_eq!(ask(&connection.model, &opening("hi")).await.unwrap().cost, None);
    assert_eq!(transport.requests()[0].credential, None);
}

#[test]
fn options_and_connections_print_without_the_key() {
    let options = ConnectOptions {
        api_key: Some(Secret::new(PLANTED_KEY)),
        base_url: Some("http://localhost:1".into()),
        ..ConnectOptions::default()
    };
    assert!(format!("{options:?}").contains("api_key: Some(***)"));
    let connection = connect(&"openai-compatible:m".parse().unwrap(), options).unwrap();
    assert!(format!("{connection:?}").contains("name: \"m\""));
}
