//! Configurations: what is read, what lies over what, and every fault with its place.

mod binary;
mod dotenv;
mod fakes;
mod faults;
mod layers;

use twenty_mcp::config::{Faults, Flags, Inputs, Loaded, load};

/// Loads a text with the fake plug-ins.
fn with(text: &str, env: &[(&str, &str)], flags: Flags) -> Result<Loaded, Faults> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let inputs = Inputs { name: "config.yaml".into(), text: text.into(), env, flags, ..Inputs::default() };
    load(&inputs, &fakes::plug_ins())
}

/// What is wrong with a text, as it is printed.
fn wrong(text: &str, env: &[(&str, &str)], flags: Flags) -> String {
    match with(text, env, flags) {
        Ok(_) => panic!("nothing is wrong with {text}"),
        Err(faults) => faults.render(false),
    }
}

/// A configuration without a fault.
fn right(text: &str, env: &[(&str, &str)], flags: Flags) -> Loaded {
    with(text, env, flags).unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}
