//! A PostgreSQL of a test's own, on loopback, in a folder that goes with it.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The longest that it may take to start.
const TIME: Duration = Duration::from_secs(60);
/// The password in [`Postgres::url`], which may be shown nowhere.
pub const PASSWORD: &str = "LEAK-of-the-database";

/// A database server, stopped when dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    user: Option<(u32, u32)>,
    port: u16,
    child: Child,
}

impl Postgres {
    /// None where it is not installed, which CI must have.
    pub fn start() -> Option<Self> {
        let Some(programs) = std::env::var_os("TWENTY_MCP_TEST_POSTGRES").map(PathBuf::from) else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed: run ./tests/run");
            println!("skipped: PostgreSQL is not installed; ./tests/run installs it");
            return None;
        };
        let (folder, user) = (tempfile::tempdir().unwrap(), other_user());
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut begin = program(&programs, "initdb", folder.path(), user);
        begin.args(["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]);
        let made = begin.arg("-D").arg(folder.path().join("data")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let end = Instant::now() + TIME;
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut child = serving(&programs, folder.path(), user, port);
            if is_ready(&programs, port, &mut child, end) {
                return Some(Self { programs, folder, user, port, child });
            }
            // Somebody was quicker at the port.
            assert!(Instant::now() < end, "{}", log(folder.path()));
        }
    }

    /// Where it is, for `keys.store.postgres.url`.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Stops it at once, in the middle of whatever it does.
    pub fn kill(&mut self) {
        let told = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap();
    }

    /// Starts it again with what it had.
    pub fn start_again(&mut self) {
        self.child = serving(&self.programs, self.folder.path(), self.user, self.port);
        let end = Instant::now() + TIME;
        assert!(is_ready(&self.programs, self.port, &mut self.child, end), "{}", log(self.folder.path()));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let told = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
            let _ = told.and_then(|_| self.child.wait());
        }
    }
}

/// Whom it runs as where this is root, as whom it refuses to.
fn other_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = line.split(':').skip(1).map_while(|field| field.parse().ok());
        Some((fields.next()?, fields.next()?))
    };
    let own = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let root = own.lines().any(|line| line.starts_with("Uid:\t0\t"));
    root.then(|| ids("postgres").or_else(|| ids("nobody")).unwrap())
}

fn program(programs: &Path, name: &str, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir(folder).env_clear().env("PATH", programs).env("LC_ALL", "C");
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

fn serving(programs: &Path, folder: &Path, user: Option<(u32, u32)>, port: u16) -> Child {
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = program(programs, "postgres", folder, user);
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    command.args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-c",
        "fsync=off",
        "-c",
        "shared_buffers=16MB",
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Whether it takes connections, in the end; not where it has stopped.
fn is_ready(programs: &Path, port: u16, child: &mut Child, end: Instant) -> bool {
    while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
        let mut asks = Command::new(programs.join("pg_isready"));
        asks.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        if asks.status().unwrap().success() && matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}
