//! `twenty-mcp start`: serves MCP.

use super::{
    Failure,
    settings::{Settings, misfit},
    welcome::Welcome,
};
use crate::{
    config::{Flags, Loaded},
    mcp::{self, PipeLimits, SessionLimits},
    server::{self, Door, Health, House, Misfit, Site},
    telemetry::{
        audit::{Audit, AuditGuard},
        logs,
    },
};
use clap::Args;
use std::{io::Write as _, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long connections may take to end after the last call has.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serve MCP over HTTP, or over standard input and output.
#[derive(Args)]
pub(super) struct Start {
    #[command(flatten)]
    settings: Settings,
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", conflicts_with = "stdio")]
    port: Option<u16>,
    /// Serve standard input and output instead of HTTP
    #[arg(long)]
    stdio: bool,
    /// The port that the sandbox itself is reached on; 0 takes a free one
    #[arg(long, value_name = "N", requires = "sandbox")]
    sandbox_port: Option<u16>,
    /// Require sign-in with this auth provider
    #[arg(long, value_name = "NAME")]
    auth: Option<String>,
    /// Log more
    #[arg(long, short)]
    verbose: bool,
}

impl Start {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let _logs = logs::start(self.verbose);
        let flags = Flags { port: self.port, auth: self.auth.clone(), ..Flags::default() };
        let mut loaded = self.settings.load(self.stdio, flags)?;
        let (audit, _audit) = audit(&loaded)?;
        let data_dir = loaded.config.server.data_dir.clone();
        let door = if self.stdio { Door::Stdio } else { Door::Http(data_dir.as_deref()) };
        let house = server::assemble(&mut loaded.config, door, self.settings.sandbox, &audit)
            .map_err(|error| misfit(&loaded, &error))?;
        for warning in loaded.warnings.iter().chain(&house.warnings) {
            tracing::warn!("{warning}");
        }
        let stop = server::on_signal().map_err(failed)?;
        house.registry.follow();
        if self.stdio {
            let server = &loaded.config.server;
            let limits = PipeLimits { line: server.max_body, grace: server.timeout.0 };
            return mcp::stdio(house.registry, house.asking, limits, stop).await.map_err(failed);
        }
        self.http(&loaded, house, stop).await
    }

    async fn http(&self, loaded: &Loaded, house: House, stop: CancellationToken) -> Result<(), Failure> {
        let settings = &loaded.config.server;
        let listener = listen(settings.bind).await?;
        let bound = listener.local_addr().map_err(failed)?;
        let site = Site::new(
            settings.public_url.as_ref(),
            bound,
            &settings.allowed_hosts,
            &settings.allowed_origins,
        );
        let site = Arc::new(site);
        let (quiet, grace) = (CancellationToken::new(), settings.timeout.0 + FAREWELL);
        let auth_enabled = house.guard.is_on();
        let health = Health { auth_enabled, ip_protection: house.doorman.is_on() };
        let guard = house.guard.at(site.resource());
        let sign_in = guard.welcome();
        let (registry, limits) = (house.registry.clone(), SessionLimits::default());
        let door = mcp::Door::new(registry, house.asking, limits, settings.max_body, quiet.clone());
        let mut door = door.map_err(failed)?.taking(house.own_keys.clone());
        if let Some(replica) = &settings.replica {
            door = door.at(replica);
        }
        if auth_enabled {
            door = door.challenging(Arc::new(guard.clone()));
        }
        let (replies, waiting) = (door.replies(), door.waiting());
        let plain = mcp::Plain::new(house.own_keys, settings.max_body);
        let tools = server::Tools::new(house.registry.clone(), plain, guard.clone());
        let published = server::Published::new(house.registry.clone(), guard.clone());
        let routes = tools.mount(server::routes(door, health, &guard, house.intake.as_ref()));
        let routes = match house.intake {
            Some(intake) => server::Connect::new(guard, house.links, intake, waiting).mount(routes),
            None => routes,
        };
        let routes = server::docs(published.mount(routes));
        let mut served = tokio::task::JoinSet::new();
        let mut sandboxes = Vec::new();
        for (pack, endpoint) in house.sandboxes {
            let port = self.sandbox_port.unwrap_or(0);
            let listener = listen(SocketAddr::from(([127, 0, 0, 1], port))).await?;
            let bound = listener.local_addr().map_err(failed)?;
            let site = Arc::new(Site::new(None, bound, &[], &[]));
            sandboxes.push((pack, site.url().to_owned()));
            let endpoint = server::bounded(server::responding(endpoint), settings.max_body);
            let endpoint = server::guarded(endpoint, site, house.doorman.clone());
            served.spawn(server::serve(listener, endpoint, stop.clone(), grace));
        }
        let tools = house.registry.tools().len();
        let (url, command) = (site.url(), self.settings.stdio_command(loaded.file.as_deref()));
        let welcome =
            Welcome { url, tools, sandboxes: &sandboxes, auth_enabled, sign_in: &sign_in, command: &command };
        // Serving goes on where nobody reads what is printed.
        let _ = writeln!(std::io::stdout(), "{welcome}");
        let endpoint = server::guarded(routes, site.clone(), house.doorman);
        let arrivals = TaskTracker::new();
        served.spawn(server::serve_telling(listener, endpoint, stop.clone(), grace, arrivals.clone()));
        stop.cancelled().await;
        let finished = async {
            // Whoever was let in is served: another server may take the next request, and not this one.
            arrivals.close();
            arrivals.wait().await;
            replies.close();
            replies.wait().await;
            house.registry.close().await;
        };
        if tokio::time::timeout(settings.timeout.0, finished).await.is_err() {
            tracing::warn!("calls were still under way when the time to stop was over");
        }
        quiet.cancel();
        while let Some(ended) = served.join_next().await {
            ended.map_err(failed)?.map_err(failed)?;
        }
        Ok(())
    }
}

/// Where events go, and what keeps them going.
fn audit(loaded: &Loaded) -> Result<(Audit, Option<AuditGuard>), Failure> {
    let Some(path) = &loaded.config.server.audit.file else { return Ok((Audit::default(), None)) };
    let (audit, guard) = Audit::to_file(path)
        .map_err(|error| misfit(loaded, &Misfit::at(&["server", "audit", "file"], error.to_string())))?;
    Ok((audit, Some(guard)))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Running(format!("cannot listen on {address}: {error}; choose another port with `--port`"))
    })
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Running(error.to_string())
}
