//! Flag over variable over file over default.

use super::{
    fakes::{CrmSettings, Profile},
    right, wrong,
};
use twenty_mcp::{
    config::{Flags, Inputs, Loaded, PlugIns, load, schema, show},
    seam::{AuthMode, OperatorKey, Secret},
};

const SHIPPED: &str = include_str!("../../config.yaml");

fn crm(loaded: &Loaded) -> &CrmSettings {
    let pack = loaded.config.tools.packs.iter().find(|pack| pack.key == "twenty").unwrap();
    pack.settings.downcast_ref().unwrap()
}

#[test]
fn the_shipped_file_starts_as_it_stands_and_says_nothing_but_defaults() {
    let shipped = right(SHIPPED, &[], Flags::default());
    let empty = right("", &[], Flags::default());
    let (a, b) = (&shipped.config, &empty.config);
    assert_eq!(serde_json::to_value(&a.server).unwrap(), serde_json::to_value(&b.server).unwrap());
    assert_eq!((a.auth.mode, a.auth.operator_key), (AuthMode::Off, None));
    assert!(a.auth.providers.is_empty() && a.keys.secrets.is_empty() && shipped.warnings.is_empty());
    assert_eq!(crm(&shipped).base_url, "https://api.twenty.com");
    assert!(crm(&shipped).api_key.is_none());
    assert!(b.tools.packs.is_empty());
    assert_eq!(SHIPPED.lines().next(), Some("# yaml-language-server: $schema=./config.schema.json"));
}

#[test]
fn the_shipped_file_is_cut_to_what_is_compiled_in() {
    let none = PlugIns::default();
    let inputs = |shipped| Inputs { text: SHIPPED.into(), shipped, ..Inputs::default() };
    assert!(load(&inputs(true), &none).unwrap().config.tools.packs.is_empty());
    let faults = load(&inputs(false), &none).err().unwrap().render(false);
    assert!(faults.contains("tools.twenty: unknown plug-in"), "{faults}");
}

#[test]
fn flags_lie_over_variables_over_the_file() {
    let file = "server: { bind: \"0.0.0.0:1000\", public_url: \"https://file.example\" }\ntools: { twenty: { api_key: f, sandbox: { profile: current } } }";
    let env = [
        ("PORT", "2000"),
        ("MCP_SERVER_URL", "https://env.example"),
        ("TWENTY_API_KEY", "e"),
        ("IP_ALLOWLIST", "10.0.0.0/8, ::1"),
        ("API_KEY_ENCRYPTION_SECRET", "123456"),
    ];
    let over = right(file, &env, Flags::default());
    let server = &over.config.server;
    assert_eq!(server.bind.to_string(), "0.0.0.0:2000");
    assert_eq!(server.public_url.as_ref().unwrap().as_str(), "https://env.example/");
    assert_eq!(server.ip.allow, ["10.0.0.0/8", "::1"]);
    assert_eq!(crm(&over).api_key.as_ref().map(Secret::expose), Some("e"));
    assert_eq!(over.config.keys.secrets[0].expose(), "123456");
    let flags =
        Flags { port: Some(3), sandbox: true, sandbox_profile: Some("legacy".into()), ..Flags::default() };
    let over = right(file, &env, flags.clone());
    assert_eq!(over.config.server.bind.to_string(), "0.0.0.0:3");
    assert_eq!((crm(&over).base_url.as_str(), &crm(&over).sandbox.profile), ("sandbox", &Profile::Legacy));
    let added = right("", &[], flags);
    assert_eq!(added.config.server.bind.to_string(), "127.0.0.1:3");
    assert_eq!(crm(&added).base_url, "sandbox");
}

#[test]
fn the_variables_of_the_typescript_server_set_the_mode() {
    let file = "auth: { providers: { static-tokens: { tokens: {} } } }";
    for (env, mode) in [
        (&[("AUTH_ENABLED", "false")][..], AuthMode::Off),
        (&[("AUTH_ENABLED", "true"), ("REQUIRE_AUTH", "false")], AuthMode::Optional),
        (&[("AUTH_ENABLED", "true"), ("REQUIRE_AUTH", "true")], AuthMode::Required),
        (&[("AUTH_ENABLED", "TRUE")], AuthMode::Required),
        (&[("REQUIRE_AUTH", "true")], AuthMode::Required),
        (&[], AuthMode::Off),
    ] {
        let auth = right(file, env, Flags::default()).config.auth;
        assert_eq!(auth.mode, mode, "{env:?}");
        assert_eq!(auth.providers.len(), usize::from(mode != AuthMode::Off), "{env:?}");
    }
    let off = "auth: { mode: required, operator_key: fallback }";
    let auth = right(off, &[("AUTH_ENABLED", "false")], Flags::default()).config.auth;
    assert_eq!((auth.mode, auth.operator_key), (AuthMode::Off, Some(OperatorKey::Fallback)));
}

#[test]
fn providers_out_of_use_are_checked_for_shape_alone() {
    let file = "auth: { providers: { static-tokens: { tokens: { ci: { hash: \"${NOPE}\" } } } } }";
    assert!(right(file, &[], Flags::default()).config.auth.providers.is_empty());
    let needed = wrong(file, &[], Flags { auth: Some("static-tokens".into()), ..Flags::default() });
    assert!(needed.contains("environment variable `NOPE` is not set"), "{needed}");
    let shape = wrong("auth: { providers: { static-tokens: { tokns: {} } } }", &[], Flags::default());
    assert!(shape.contains("did you mean `tokens`?"), "{shape}");
}

#[test]
fn a_store_is_in_use_once_callers_sign_in_or_its_keys_are_worked_on() {
    let store = |file: &str, env: &[(&str, &str)], flags: Flags| {
        right(file, env, flags).config.keys.store.map(|store| store.key)
    };
    let (on, keys) = ("auth: { mode: required, providers: { static-tokens: {} } }\n", Flags::default);
    let home = [("HOME", "/home/ada")];
    assert_eq!(store("", &home, keys()), None);
    assert_eq!(store(on, &home, keys()).as_deref(), Some("file"));
    assert_eq!(store(on, &[], keys()), None, "there is no folder for it");
    let folder = format!("{on}server: {{ data_dir: /data }}");
    assert_eq!(store(&folder, &[], keys()).as_deref(), Some("file"));
    let working = || Flags { keys: true, ..Flags::default() };
    assert_eq!(store("", &home, working()).as_deref(), Some("file"));

    let post = "keys: { store: { post: { url: \"${NOPE}\" } } }";
    assert_eq!(store(post, &home, keys()), None, "checked for shape alone");
    assert!(wrong(post, &home, working()).contains("environment variable `NOPE` is not set"));
    let url = [("POST_URL", "postgres://ada:LEAK@db.example")];
    assert_eq!(store(&format!("{on}{post}"), &url, keys()).as_deref(), Some("post"));
    assert_eq!(store(on, &url, keys()), None, "a variable alone names no store");
}

#[test]
fn a_provider_that_this_build_lacks_is_a_warning_unless_it_is_asked_for() {
    let env = [("AUTH_PROVIDER", "clerk"), ("AUTH_ENABLED", "false"), ("CLERK_SECRET_KEY", "sk_live_LEAK")];
    let warnings = right("", &env, Flags::default()).warnings.join("\n");
    assert!(warnings.contains("AUTH_PROVIDER") && warnings.contains("CLERK_SECRET_KEY"), "{warnings}");
    assert!(!warnings.contains("LEAK"));
    let faults = wrong("", &env[..1], Flags::default());
    assert!(
        faults.contains("unknown auth provider") && faults.contains("variable AUTH_PROVIDER:1:1"),
        "{faults}"
    );
}

#[test]
fn the_schema_decides_what_a_reference_is() {
    let file = "server: { bind: \"${B}\" }\ntools: { twenty: { api_key: \"${K}\", sandbox: { people: \"${N}\" } }, hello: { fixed: { name: \"$${x}\", empty: \"\" } } }";
    for key in ["12345678", "1e5", "null", "00123", "true", "~"] {
        let loaded = right(file, &[("B", "[::1]:80"), ("K", key), ("N", "7")], Flags::default());
        assert_eq!(crm(&loaded).api_key.as_ref().map(Secret::expose), Some(key));
        assert_eq!(crm(&loaded).sandbox.people, 7);
        let fixed = &loaded.config.tools.alone["hello"].fixed;
        assert_eq!((fixed["name"].as_str(), fixed["empty"].as_str()), (Some("${x}"), Some("")));
    }
    let text = wrong("tools: { twenty: { sandbox: { people: \"20\" } } }", &[], Flags::default());
    assert!(text.contains("expected an integer, found text"), "{text}");
}

#[test]
fn what_variables_hold_is_never_taken_for_a_reference() {
    for key in ["a${HOME}$${b", "null", "~", "12", "true"] {
        let loaded = right("tools: { twenty: }", &[("TWENTY_API_KEY", key)], Flags::default());
        assert_eq!(crm(&loaded).api_key.as_ref().map(Secret::expose), Some(key));
    }
}

#[test]
fn files_are_read_from_beside_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "sk_from_file\n").unwrap();
    let text = "tools: { twenty: { api_key: \"${file:key}\" } }".to_owned();
    let inputs = |base| Inputs { name: "c".into(), text: text.clone(), base, ..Inputs::default() };
    let loaded = load(&inputs(Some(dir.path().into())), &super::fakes::plug_ins()).unwrap();
    assert_eq!(crm(&loaded).api_key.as_ref().map(Secret::expose), Some("sk_from_file"));
    let faults = load(&inputs(None), &super::fakes::plug_ins()).err().unwrap().render(false);
    assert!(faults.contains("needs its full path"), "{faults}");
}

#[test]
fn an_address_and_a_key_come_from_one_hand() {
    let both = "tools: { twenty: { base_url: \"https://a.example\", api_key: sk_live_LEAK } }";
    let url = ("TWENTY_BASE_URL", "https://evil.example");
    let faults = wrong(both, &[url], Flags::default());
    for part in ["variable TWENTY_BASE_URL:1:1", "config.yaml:1:30"] {
        assert!(faults.contains(part), "{faults}");
    }
    assert!(!faults.contains("LEAK"), "{faults}");
    right(both, &[url, ("TWENTY_API_KEY", "k")], Flags::default());
    right("tools: { twenty: { base_url: \"https://a.example\" } }", &[url], Flags::default());
    right(
        "tools: { twenty: { base_url: \"https://a.example\", api_key: \"${K}\" } }",
        &[url, ("K", "k")],
        Flags::default(),
    );
    right(both, &[url], Flags { sandbox: true, ..Flags::default() });
    right(SHIPPED, &[url, ("TWENTY_API_KEY", "k")], Flags::default());
}

#[test]
fn a_sandbox_that_no_pack_has_is_refused() {
    let flags = Flags { sandbox: true, ..Flags::default() };
    let faults = load(&Inputs { flags, ..Inputs::default() }, &PlugIns::default()).err().unwrap();
    let said = faults.render(false);
    assert!(
        said.contains("no pack of this build has a sandbox") && said.contains("flag --sandbox"),
        "{said}"
    );
}

#[test]
fn the_variables_of_a_pack_work_over_any_file() {
    let key = ("TWENTY_API_KEY", "sk_live_LEAK");
    let url = ("TWENTY_BASE_URL", "https://a.example");
    for file in ["", "server: { bind: \"127.0.0.1:1\" }", "tools:", "tools: { hello: { enabled: false } }"] {
        let loaded = right(file, &[key, url], Flags::default());
        assert_eq!(crm(&loaded).base_url, "https://a.example", "{file}");
        assert_eq!(crm(&loaded).api_key.as_ref().map(Secret::expose), Some("sk_live_LEAK"), "{file}");
        let warnings = loaded.warnings.join("\n");
        assert!(warnings.contains("TWENTY_API_KEY is set: `tools.twenty` is in use"), "{warnings}");
        assert!(!warnings.contains("LEAK"), "{warnings}");
        assert!(right(file, &[("TWENTY_API_KEY", "")], Flags::default()).config.tools.packs.is_empty());
    }
    for file in [SHIPPED, "tools: { twenty: }"] {
        assert_eq!(right(file, &[key, url], Flags::default()).warnings, [""; 0], "{file}");
    }
    let faults = wrong("", &[("TWENTY_BASE_URL", "http//x")], Flags::default());
    assert!(faults.contains("variable TWENTY_BASE_URL:1:1"), "{faults}");
    let inputs = Inputs {
        env: vec![("TWENTY_BASE_URL".into(), "https://evil.example".into())],
        dotenv: vec![
            ("TWENTY_API_KEY".into(), key.1.into()),
            ("TWENTY_BASE_URL".into(), "https://a.example".into()),
        ],
        ..Inputs::default()
    };
    let faults = load(&inputs, &super::fakes::plug_ins()).err().unwrap().render(false);
    assert!(faults.contains("to another address") && !faults.contains("LEAK"), "{faults}");
}

#[test]
fn the_variables_of_a_provider_work_over_any_file() {
    let load = |text: &str, env: &[(&str, &str)], flags: Flags| {
        let env = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let inputs = Inputs { text: text.into(), env, flags, ..Inputs::default() };
        load(&inputs, &super::fakes::with_gate())
    };
    let keys = |loaded: &Loaded| -> Vec<String> {
        loaded.config.auth.providers.iter().map(|provider| provider.key.clone()).collect()
    };
    let (secret, on) = (("GATE_SECRET", "sk_live_LEAK"), ("AUTH_ENABLED", "true"));
    for file in ["", "auth:", "auth: { providers: {} }", "auth: { mode: optional }", SHIPPED] {
        let loaded = load(file, &[secret, on], Flags::default()).unwrap();
        assert_eq!(keys(&loaded), ["gate"], "{file}");
        let settings: &super::fakes::GateSettings =
            loaded.config.auth.providers[0].settings.downcast_ref().unwrap();
        assert_eq!(settings.secret.expose(), "sk_live_LEAK");
        assert!(!loaded.warnings.join("").contains("LEAK"), "{:?}", loaded.warnings);
    }
    let other = "auth: { mode: required, providers: { static-tokens: { tokens: {} } } }";
    let both = load(other, &[secret], Flags::default()).unwrap();
    assert_eq!(keys(&both), ["static-tokens", "gate"]);
    assert!(both.warnings[0].contains("GATE_SECRET is set: `auth.providers.gate` is in use"));
    let alone = Flags { auth: Some("static-tokens".into()), ..Flags::default() };
    assert_eq!(keys(&load(other, &[secret], alone).unwrap()), ["static-tokens"]);
    assert_eq!(keys(&load("", &[secret], Flags::default()).unwrap()), [""; 0], "auth is off");
    let lacking = load("", &[("GATE_URL", "https://gate.example"), on], Flags::default()).err().unwrap();
    assert!(lacking.render(false).contains("`secret` is missing"), "{}", lacking.render(false));
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let file = "tools: { twenty: { base_url: \"https://ada:sk_live_LEAK@crm.example\" } }";
    let shown = show(&right(file, &[], Flags::default()));
    assert!(shown.contains("tools.twenty.base_url: ***") && !shown.contains("LEAK"), "{shown}");
}

#[test]
fn a_later_fault_is_placed_in_the_file() {
    let loaded = right("tools:\n  twenty: { api_key: sk_live_LEAK }", &[], Flags::default());
    let faults = loaded.refuse(&["tools", "twenty", "api_key"], "is of no use", Some("take another"));
    let text = faults.render(false);
    assert!(
        text.contains("tools.twenty.api_key: is of no use") && text.contains("config.yaml:2:22"),
        "{text}"
    );
    assert!(text.contains("take another") && !text.contains("LEAK"), "{text}");
}

#[test]
fn every_value_is_shown_with_its_origin_and_no_secret() {
    let file = "server:\n  bind: 127.0.0.1:1\ntools:\n  twenty:\n    api_key: ${K}\n    base_url: https://${H:-h.example}/x\nkeys: { secrets: [sk_live_LEAK] }";
    let loaded = right(file, &[("K", "sk_live_LEAK"), ("PORT", "8080")], Flags::default());
    let shown = show(&loaded);
    for line in [
        "server.bind: \"127.0.0.1:8080\"",
        "# variable PORT",
        "tools.twenty.api_key: ${K}",
        "config.yaml:5:14 via $K",
        "via the default of $H",
        "keys.secrets.0: ***",
        "server.timeout: \"1m\"",
        "auth.mode: \"off\"",
        "tools.twenty.sandbox.people: 800",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
    assert!(!shown.contains("LEAK"), "{shown}");
}

#[test]
fn the_schema_lists_plug_ins_and_their_tools() {
    let schema = schema(&super::fakes::plug_ins());
    let tools = schema.pointer("/properties/tools/properties").unwrap();
    assert!(tools.get("hello").is_some() && tools.get("create_contact").is_none());
    let of_pack = tools.pointer("/twenty/properties/tools/properties").unwrap();
    assert!(of_pack.get("create_contact").is_some() && of_pack.get("hello").is_none());
    assert!(schema.pointer("/properties/auth/properties/providers/properties/static-tokens").is_some());
    jsonschema::draft202012::new(&schema).unwrap();
}

#[test]
fn what_is_registered_makes_a_schema_and_reads_the_shipped_file() {
    let plug_ins = PlugIns::registered();
    assert!(!plug_ins.tools.is_empty());
    let inputs = Inputs { text: SHIPPED.into(), shipped: true, ..Inputs::default() };
    load(&inputs, &plug_ins).unwrap_or_else(|faults| panic!("{}", faults.render(false)));
}
