//! What the Twenty tools cost a model that reads their list: tokens of o200k.

use crate::{
    contract::contract,
    support::{client::Client, running::Running},
};
use serde_json::{Value, json};
use twenty_mcp::seam::ToolEntry;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_tools_is_cheap_to_read() {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let everything =
        json!({ "tools": { "twenty": { "tools": { "destroy_records": { "enabled": true } } } } });
    std::fs::write(file.path(), everything.to_string()).unwrap();
    let server = Running::start(&["--sandbox", "--config", file.path().to_str().unwrap()]);
    let client = Client::of(&server).await;
    let of_the_pack = |name: &str| {
        let entries = ToolEntry::all();
        entries.iter().any(|entry| entry.name == name && entry.origin.key() == "twenty")
    };
    let read: Vec<Value> = client
        .tools
        .iter()
        .filter(|tool| of_the_pack(&tool.name))
        .map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "inputSchema": tool.input_schema })
        })
        .collect();
    let kept = contract();
    let contract: Vec<Value> =
        read.iter().filter(|tool| kept.iter().any(|kept| tool["name"] == kept.tool)).cloned().collect();

    let encoding = tiktoken_rs::o200k_base().unwrap();
    let tokens = |value: &Value| encoding.encode_ordinary(&value.to_string()).len();
    for tool in &read {
        println!("{:>6}  {}", tokens(tool), tool["name"].as_str().unwrap());
    }
    let (ours, all) = (tokens(&json!(contract)), tokens(&json!(read)));
    println!(
        "{ours:>6}  {} of {} contract tools\n{all:>6}  all {} tools",
        contract.len(),
        kept.len(),
        read.len()
    );
    assert!(ours <= 3_900, "the contract tools cost {ours} tokens of o200k; at most 3,900");
    assert!(all <= 7_500, "the pack's tools cost {all} tokens of o200k; at most 7,500");
}
