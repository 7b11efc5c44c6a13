//! `.env` is part of the file that it lies beside.

use super::fakes::{self, CrmSettings};
use twenty_mcp::{
    config::{Inputs, load, show},
    seam::Secret,
};

const SHIPPED: &str = include_str!("../../config.yaml");

#[test]
fn what_dotenv_says_was_said_together_with_the_file() {
    let load = |text: &str, dotenv: &[(&str, &str)], env: &[(&str, &str)]| {
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let inputs = Inputs {
            name: "config.yaml".into(),
            text: text.into(),
            env: pairs(env),
            dotenv: pairs(dotenv),
            ..Inputs::default()
        };
        load(&inputs, &fakes::plug_ins())
    };
    let key = ("TWENTY_API_KEY", "sk_live_LEAK");
    let (own, other) =
        (("TWENTY_BASE_URL", "https://a.example"), ("TWENTY_BASE_URL", "https://evil.example"));
    let literal = "tools: { twenty: { base_url: \"https://a.example\" } }";
    for (text, dotenv) in [(SHIPPED, vec![own, key]), (literal, vec![key]), (literal, vec![own, key])] {
        let faults = load(text, &dotenv, &[other]).err().unwrap().render(false);
        assert!(faults.contains("variable TWENTY_BASE_URL:1:1") && !faults.contains("LEAK"), "{faults}");
        load(text, &dotenv, &[]).unwrap();
        load(text, &dotenv, &[own]).unwrap();
        load(text, &dotenv, &[other, ("TWENTY_API_KEY", "k")]).unwrap();
    }
    load(SHIPPED, &[key], &[other]).unwrap();
    let part = "tools: { twenty: { base_url: \"https://a.example\", api_key: \"sk_live_LEAK${S}\" } }";
    let faults = load(part, &[], &[other, ("S", "x")]).err().unwrap().render(false);
    assert!(!faults.contains("LEAK"), "{faults}");
    let shown = show(&load(literal, &[key], &[]).unwrap());
    assert!(shown.contains("# .env TWENTY_API_KEY") && !shown.contains("LEAK"), "{shown}");
    let hidden = load("tools: { twenty: {} }", &[key], &[("TWENTY_API_KEY", "")]).unwrap();
    let settings: &CrmSettings = hidden.config.tools.packs.first().unwrap().settings.downcast_ref().unwrap();
    assert_eq!(settings.api_key.as_ref().map(Secret::expose), None);
}
