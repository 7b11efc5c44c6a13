//! Messages that are none, or not quite: the same in either generation.

use super::row::{Row, STATELESS, Want, error, meta, nameless, result};
use serde_json::json;

/// Bodies, and what they are answered with.
fn bodies() -> Vec<(String, Want)> {
    let parse = |body: &str| (body.to_owned(), nameless(400, -32700));
    let invalid = |body: &str| (body.to_owned(), nameless(400, -32600));
    let mut rows: Vec<(String, Want)> = [
        "",
        " ",
        "{",
        "}",
        "x",
        "{'jsonrpc':'2.0'}",
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"} x"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/list",}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}{"jsonrpc":"2.0","id":8,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":07,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"#,
        "[1,",
        "\u{feff}{}",
        "// a comment\n{}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\nb\"}",
        r#"{"jsonrpc":"2.0","id":NaN,"method":"tools/list"}"#,
        "data: {}",
        "<?xml version=\"1.0\"?>",
    ]
    .map(parse)
    .into();
    rows.extend(
        [
            "[]",
            "[1]",
            "1",
            "null",
            "true",
            r#""tools/list""#,
            "{}",
            r#"[{"jsonrpc":"2.0","id":7,"method":"tools/list"}]"#,
            r#"["2.0",7,"tools/list"]"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":1e3,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":true,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":[7],"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":{"a":7},"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":"\ud800","method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":7,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{},"params":{}}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":null,"result":{}}"#,
        ]
        .map(invalid),
    );
    rows.push(invalid(
        &json!({ "jsonrpc": "2.0", "id": "x".repeat(1024), "method": "tools/list" }).to_string(),
    ));
    for rest in [
        r#""method":"tools/list""#,
        r#""jsonrpc":"1.0","method":"tools/list""#,
        r#""jsonrpc":2.0,"method":"tools/list""#,
        r#""jsonrpc":null,"method":"tools/list""#,
        r#""jsonrpc":"2.0""#,
        r#""jsonrpc":"2.0","method":7"#,
        r#""jsonrpc":"2.0","method":null"#,
        r#""jsonrpc":"2.0","method":["tools/list"]"#,
        r#""jsonrpc":"2.0","method":"\udc00""#,
        r#""jsonrpc":"2.0","method":"tools/list","result":{}"#,
        r#""jsonrpc":"2.0","method":"tools/list","error":{"code":1,"message":"x"}"#,
        r#""jsonrpc":"2.0","result":{},"error":{"code":1,"message":"x"}"#,
    ] {
        rows.push((format!(r#"{{"id":7,{rest}}}"#), error(400, -32600, "7")));
    }
    let long = json!({ "jsonrpc": "2.0", "id": 7, "method": "x".repeat(257) });
    rows.push((long.to_string(), error(400, -32600, "7")));
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let deeper = format!("{}{}", r#"{"a":"#.repeat(200), "1".to_owned() + &"}".repeat(200));
    for params in [
        "null",
        "[]",
        "7",
        r#""x""#,
        "true",
        r#"{"cursor":"a","cursor":"a"}"#,
        r#"{"cursor":"a","\u0063ursor":"a"}"#,
        r#"{"x":{"y":[{"a":1,"a":1}]}}"#,
        r#"{"x":"\ud800"}"#,
        r#"{"\udfff":1}"#,
        r#"{"x":1e400}"#,
        r#"{"_meta":7}"#,
        r#"{"_meta":[]}"#,
        r#"{"_meta":{"a":1,"a":1}}"#,
        r#"{"_meta":{},"_meta":{}}"#,
        &deep,
        &deeper,
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{params}}}"#);
        rows.push((body, error(400, -32602, "7")));
    }
    rows
}

/// Every body in both generations, and bytes that are no text.
pub fn rows(session: &[(&str, &str)]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (generation, headers) in [("stateless", &STATELESS[..]), ("session", session)] {
        for (body, want) in bodies() {
            rows.push(Row::post(format!("{generation}: {body:.120}"), headers, body, want));
        }
        for bytes in [
            &b"\xff\xfe"[..],
            b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"x\":\"\xff\"}",
            b"{\0}",
        ] {
            rows.push(Row::post(format!("{generation}: {bytes:?}"), headers, bytes, nameless(400, -32700)));
        }
    }
    for id in [
        "0",
        "-1",
        "9007199254740993",
        "123456789012345678901234567890",
        r#""""#,
        r#""7""#,
        r#""\u00e9 \" \n""#,
    ] {
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{{"_meta":{}}}}}"#, meta());
        rows.push(Row::post(format!("an id comes back as it is: {id}"), &STATELESS, body, result(id)));
    }
    let spaced = format!(
        "\r\n\t {{ \"params\" : {{ \"_meta\": {} , \"unknown\": [] }}, \"more\": {{}}, \"method\": \"tools/l\\u0069st\", \"id\" : 7, \"jsonrpc\":\"2.0\" }} \n",
        meta()
    );
    rows.push(Row::post(
        "order, spaces, escapes and unknown members count for nothing",
        &STATELESS,
        spaced,
        result("7"),
    ));
    rows
}
