//! The embedded workspace on the server's accept loop.

use std::sync::Arc;

use http::{StatusCode, header::AUTHORIZATION};
use poem::{
    EndpointExt as _, Request as HttpRequest, Response,
    endpoint::{BoxEndpoint, make},
    error::ReadBodyError,
};

use super::workspace::{Answer, Request, Sandbox};

/// Bytes that a request may have.
const BODY_MAX: usize = 1 << 20;

/// Serves a workspace: `POST /graphql`, `POST /metadata` and the server card. Host and Origin are checked in front of it.
pub fn endpoint(sandbox: Arc<Sandbox>) -> BoxEndpoint<'static> {
    make(move |request| serve(Arc::clone(&sandbox), request)).map_to_response().boxed()
}

async fn serve(sandbox: Arc<Sandbox>, mut request: HttpRequest) -> poem::Result<Response> {
    let body = match request.take_body().into_bytes_limit(BODY_MAX).await {
        Ok(body) => body,
        Err(ReadBodyError::PayloadTooLarge) => {
            let message = format!("The body has more than {BODY_MAX} bytes");
            return Ok(response(Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", &message)));
        }
        Err(error) => return Err(error.into()),
    };
    let authorization =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(Into::into);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    Ok(response(sandbox.answer(Request { method, path, authorization, body }).await))
}

fn response(answer: Answer) -> Response {
    let mut response = Response::builder().status(answer.status).body(answer.body);
    response.headers_mut().extend(answer.headers);
    response
}
