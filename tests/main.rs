//! One binary of behaviour tests: a file a behaviour, named after it.

mod auth;
mod binds;
mod brief;
mod budget;
mod changes;
mod clients;
mod config;
mod contract;
mod drop_ins;
mod economy;
mod fields;
mod greeting;
mod http;
mod imports;
mod large;
mod logs;
mod mcp;
mod orphans;
mod pipeline;
mod relationships;
mod sandbox;
mod shutdown;
mod sign_in;
mod support;
mod twenty;
mod upstream;
