//! What a person sees. The pages are in the HTML files beside this one.

use super::{
    PAGE, Problem,
    form::{Fault, Field, Form},
};
use crate::{
    auth::kit::html::{
        Page,
        Put::{Html, Text},
        filled,
    },
    keys::{DeadLink, Entered, Handle, service},
};
use http::{HeaderValue, StatusCode, header};
use poem::Response;

const FORM: &str = include_str!("form.html");
const FAULT: &str = include_str!("fault.html");
const DONE: &str = include_str!("done.html");
const PROBLEM: &str = include_str!("problem.html");

/// What somebody was asked for.
pub(super) struct Asked<'a> {
    pub(super) handle: &'a Handle,
    pub(super) on_sandbox: bool,
}

impl Asked<'_> {
    fn service(&self) -> String {
        service(&self.handle.owner().provider)
    }

    /// The app that made the call: what it calls itself is nobody's word but its own.
    fn app(&self) -> String {
        self.handle.app().map_or_else(|| "An app".to_owned(), |app| format!("“{app}”"))
    }
}

/// The form, at first or with what is wrong with what was sent.
pub(super) fn form(asked: &Asked<'_>, proof: &str, sent: Option<(&Form, &Fault)>) -> Response {
    let (owner, service) = (asked.handle.owner(), asked.service());
    let fault = sent.map(|(_, fault)| fault);
    let beside = |field: Field, id: &str| match fault.filter(|fault| fault.field == field) {
        Some(fault) => filled(FAULT, &[("id", Text(id)), ("message", Text(&fault.message))]),
        None => String::new(),
    };
    let wrong = |field: Field, said: &'static str| {
        if fault.is_some_and(|fault| fault.field == field) { said } else { "" }
    };
    let sandbox = "This server works on a sandbox: whatever key and address are given, they open that.";
    let elsewhere = "Where yours is, as in https://crm.example.com. Left empty, it is the one that this server is set to.";
    let app = asked.app();
    let body = filled(
        FORM,
        &[
            ("action", Text(PAGE)),
            ("service", Text(&service)),
            ("app", Text(&app)),
            ("subject", Text(owner.subject.as_str())),
            ("issuer", Text(owner.issuer.as_str())),
            ("proof", Text(proof)),
            ("fault", Html(&beside(Field::None, "fault"))),
            ("key-fault", Html(&beside(Field::Key, "key-fault"))),
            ("key-wrong", Html(wrong(Field::Key, " aria-invalid=\"true\" autofocus"))),
            ("key-told", Text(wrong(Field::Key, "key-fault "))),
            ("address", Text(sent.map_or("", |(form, _)| &form.address))),
            ("address-fault", Html(&beside(Field::Address, "address-fault"))),
            ("address-wrong", Html(wrong(Field::Address, " aria-invalid=\"true\" autofocus"))),
            ("address-told", Text(wrong(Field::Address, "address-fault "))),
            ("address-help", Text(if asked.on_sandbox { sandbox } else { elsewhere })),
        ],
    );
    let title = format!("{}Connect your {service} key", if fault.is_some() { "Error: " } else { "" });
    let status = fault.map_or(StatusCode::OK, |fault| fault.status);
    let mut response = page(status, &title, &body, "'self'");
    wait(&mut response, fault.and_then(|fault| fault.wait));
    response
}

/// That the key is stored.
pub(super) fn done(asked: &Asked<'_>, entered: &Entered) -> Response {
    let opens = match (&entered.workspace, entered.sandbox) {
        (_, true) => "It opens this server's sandbox, whatever address was given.".to_owned(),
        (Some(workspace), _) => format!("It opens “{workspace}”."),
        (None, _) => "It was not tried.".to_owned(),
    };
    let app = asked.handle.app().map_or_else(|| "your app".to_owned(), |app| format!("“{app}”"));
    let put = [("service", asked.service()), ("opens", opens), ("app", app)];
    let put = put.each_ref().map(|(name, text)| (*name, Text(text)));
    page(StatusCode::OK, "Your key is stored", &filled(DONE, &put), "'none'")
}

/// Why somebody gets no further, and what to do.
pub(super) fn problem(problem: &Problem) -> Response {
    let again = "Go back to your app and let it try again: it gets a new link.";
    let (status, heading, told, next) = match problem {
        Problem::Link(DeadLink::Unknown) => (
            StatusCode::BAD_REQUEST,
            "This link does not work",
            "It is not one of this server's, or was changed on its way.",
            again,
        ),
        Problem::Link(DeadLink::Old) => {
            (StatusCode::GONE, "This link is over", "It was good for ten minutes.", again)
        }
        Problem::Link(DeadLink::Used) => (
            StatusCode::GONE,
            "This link was used already",
            "A key was stored since it was made.",
            "Go back to your app and let it try again.",
        ),
        Problem::Link(DeadLink::Tried) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many keys were tried by this link",
            "Nothing was stored.",
            again,
        ),
        Problem::NoVisit => (
            StatusCode::BAD_REQUEST,
            "There is nothing to do here",
            "This page is for links that an app gives you, and cookies must be allowed. What was begun here is over after \
             ten minutes, and when another link is opened.",
            again,
        ),
        Problem::Astray => (
            StatusCode::BAD_REQUEST,
            "This sign-in was not begun here",
            "Your browser came back from a sign-in that this page did not send it to, or came back twice.",
            again,
        ),
        Problem::NotSignedIn => (
            StatusCode::BAD_REQUEST,
            "You are not signed in",
            "The sign-in was not finished, or did not work. Nothing was stored.",
            again,
        ),
        Problem::SomebodyElse(_) => (
            StatusCode::FORBIDDEN,
            "This link is not for you",
            "It was made for another user. Nothing was stored. If somebody else sent you this link, do not use it.",
            "If it is yours, sign out where you have just signed in, and open it again as yourself.",
        ),
        Problem::Foreign => (
            StatusCode::FORBIDDEN,
            "This form was not sent by this page",
            "Another page sent it, or another link was opened in this browser since. Nothing was stored.",
            again,
        ),
        Problem::Form => (StatusCode::BAD_REQUEST, "This form cannot be read", "Nothing was stored.", again),
        Problem::Later(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Sign-in cannot be reached just now",
            "Nothing was stored.",
            "Open the link again in a moment.",
        ),
        Problem::Broken => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "This does not work",
            "Something is wrong with this server; its log has the reason. Nothing was stored.",
            "Ask whoever runs it.",
        ),
        Problem::Method => (
            StatusCode::METHOD_NOT_ALLOWED,
            "This does not work",
            "This page is opened, or sends its form.",
            again,
        ),
    };
    let told = match problem {
        Problem::SomebodyElse(subject) => format!("You are signed in as “{subject}”. {told}"),
        _ => told.to_owned(),
    };
    let put = [("heading", Text(heading)), ("told", Text(&told)), ("next", Text(next))];
    let mut response = page(status, heading, &filled(PROBLEM, &put), "'none'");
    if let Problem::Later(seconds) = problem {
        wait(&mut response, Some(*seconds));
    }
    response
}

fn page(status: StatusCode, title: &str, body: &str, form: &str) -> Response {
    Page { status, title, body, form, referrer: "no-referrer" }.response()
}

fn wait(response: &mut Response, seconds: Option<u64>) {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
