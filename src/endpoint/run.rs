//! From start to end: sockets, the configuration and what comes after it, signals.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ipnet::IpNet;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::identify::Ids;
use super::issuer::{Issuer, Shared, path};
use super::metrics::Metrics;
use super::rejection_log::RejectionLog;
use super::renewer::Mint;
use super::{EndpointError, check, routes, supervisor};
use crate::server::{App, Bound, Limits, Listener, Signals, Slots, app, bind, handed_over, serve};
use crate::settings::{Config, Endpoint, Listen};

/// How long a client may take to send a request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a reply may wait for a client that does not read.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// How long requests under way may take when the endpoint is to end.
const GRACE: Duration = Duration::from_secs(10);
/// Connections at a time of those who ask how it is.
const ADMIN_PLACES: usize = 64;
/// Files that are open beside connections: to the API and the authentication service, sockets, the log.
const OTHER_FILES: u64 = 64;
/// How often what the log has left out is summed up.
const SUMMARY: Duration = Duration::from_mins(1);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everybody was answered.
    Orderly,
    /// A second signal came before that.
    AtOnce,
}

/// How a configuration is read again.
pub(super) type Again<M> = Arc<dyn Fn(&M) -> Result<(Config, M), String> + Send + Sync>;

/// What the command lends to the endpoint.
pub struct Hooks<M> {
    /// Reads the configuration again, with what mints by it in the place of the former; the error is reported, and the last one stays.
    pub again: Again<M>,
    /// How many lines of the log were lost because nobody read them.
    pub lost: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// Listens, and serves tokens from `mint` until a signal ends it.
pub async fn run<M: Mint>(
    config: &Config,
    mint: M,
    hooks: Hooks<M>,
) -> Result<Ending, EndpointError> {
    let mut signals = Signals::listen();
    check(config)?;
    let endpoint = &config.endpoint;
    enough_files(endpoint)?;
    let (listener, admin) = listeners(endpoint).await?;
    if let Some(address) = listener.address()
        && super::leads_to(endpoint, address)
    {
        return Err(EndpointError::Loop);
    }
    let most = usize::try_from(endpoint.max_connections).unwrap_or(usize::MAX);
    let proxies = Arc::new(RwLock::new(endpoint.trusted_proxies.clone()));
    let trusted = Arc::clone(&proxies);
    let places = Slots::shared(most, endpoint.max_connections_per_address, move |address| {
        let trusted = trusted.read().unwrap_or_else(PoisonError::into_inner);
        trusted.iter().any(|network| network.contains(&address))
    });
    let places = Arc::new(places);
    let shared = Arc::new(Shared {
        metrics: Arc::new(Metrics::of_server(Arc::clone(&places), hooks.lost)),
        rejection_log: RejectionLog::default(),
        ids: Ids::default(),
    });
    let mint = Arc::new(mint);
    let issuer = Arc::new(Issuer::open(config, &mint, &shared, None)?);
    let served = Served::new(&issuer, proxies, admin.is_some());
    introduce(config, &listener, admin.as_ref());
    let limits = |places| Limits {
        places,
        head_time: HEAD_TIME,
        write_time: WRITE_TIME,
        grace: GRACE,
    };
    let (stop, stopped) = watch::channel(false);
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(serve(
        listener,
        Arc::clone(&served.tokens),
        limits(places),
        stopped.clone(),
    ));
    if let Some(admin) = admin {
        let places = Arc::new(Slots::new(ADMIN_PLACES));
        let app = Arc::clone(&served.admin);
        serving.spawn(serve(admin, app, limits(places), stopped));
    }
    tokio::spawn(sum_up(Arc::clone(&shared)));
    tokio::spawn(supervisor::keep_watchdog());
    tokio::spawn(reload(
        hooks.again,
        signals.reloads(),
        (issuer, mint),
        served,
        config.clone(),
    ));
    supervisor::ready(&status(config));
    signals.end().await;
    supervisor::stopping();
    let _ = stop.send(true);
    tracing::info!("ending: requests under way are answered, a second signal ends at once");
    let ending = tokio::select! {
        biased;
        () = async { while serving.join_next().await.is_some() {} } => Ending::Orderly,
        () = signals.end() => Ending::AtOnce,
    };
    shared.rejection_log.sum_up();
    tracing::info!("ended");
    Ok(ending)
}

/// What is served where; a reload puts something else in its place.
struct Served {
    tokens: App,
    admin: App,
    has_admin: bool,
    /// Those that may hold any number of connections.
    proxies: Arc<RwLock<Vec<IpNet>>>,
}

impl Served {
    fn new(issuer: &Arc<Issuer>, proxies: Arc<RwLock<Vec<IpNet>>>, has_admin: bool) -> Self {
        Self {
            tokens: app(routes::routes(issuer, !has_admin)),
            admin: app(routes::admin(issuer)),
            has_admin,
            proxies,
        }
    }

    fn replace(&self, issuer: &Arc<Issuer>) {
        let mut proxies = self.proxies.write().unwrap_or_else(PoisonError::into_inner);
        proxies.clone_from(&issuer.proxies.trusted);
        drop(proxies);
        let tokens = routes::routes(issuer, !self.has_admin);
        self.tokens.store(Arc::new(tokens));
        self.admin.store(Arc::new(routes::admin(issuer)));
    }
}

/// Reads the configuration again at each signal. One that does not work changes nothing.
async fn reload<M: Mint>(
    again: Again<M>,
    mut signals: mpsc::UnboundedReceiver<()>,
    (mut issuer, mut mint): (Arc<Issuer>, Arc<M>),
    served: Served,
    mut config: Config,
) {
    while signals.recv().await.is_some() {
        // What came meanwhile is in the same reading.
        while signals.try_recv().is_ok() {}
        supervisor::reloading();
        let (read, former) = (Arc::clone(&again), Arc::clone(&mint));
        let read = tokio::task::spawn_blocking(move || read(&former)).await;
        let read = read.unwrap_or_else(|error| Err(error.to_string()));
        let opened = read.and_then(|(next, mint)| {
            check(&next).map_err(|error| error.to_string())?;
            let mint = Arc::new(mint);
            let opened = Issuer::open(&next, &mint, &issuer.shared, Some(&issuer));
            let opened = opened.map_err(|error| error.to_string())?;
            Ok((next, Arc::new(opened), mint))
        });
        issuer.shared.metrics.reloaded(opened.is_ok());
        match opened {
            Ok((next, opened, minting)) => {
                served.replace(&opened);
                (issuer, mint) = (opened, minting);
                tracing::info!(
                    organizations = next.organizations.len(),
                    "the configuration was read again"
                );
                for setting in fixed(&config.endpoint, &next.endpoint) {
                    tracing::warn!(setting, "this setting takes effect at the next start only");
                }
                publish(&next);
                config = next;
            }
            Err(error) => {
                tracing::error!(
                    error.message = error,
                    "the configuration cannot be used: the last one stays"
                );
            }
        }
        supervisor::ready(&status(&config));
    }
}

/// The settings of which the process keeps what it began with, where they differ.
fn fixed(now: &Endpoint, next: &Endpoint) -> impl Iterator<Item = &'static str> {
    [
        ("endpoint.listen", now.listen != next.listen),
        (
            "endpoint.admin-listen",
            now.admin_listen != next.admin_listen,
        ),
        (
            "endpoint.max-connections",
            now.max_connections != next.max_connections,
        ),
        (
            "endpoint.max-connections-per-address",
            now.max_connections_per_address != next.max_connections_per_address,
        ),
        ("endpoint.log-json", now.log_json != next.log_json),
    ]
    .into_iter()
    .filter_map(|(setting, differs)| differs.then_some(setting))
}

async fn sum_up(shared: Arc<Shared>) {
    let mut minutes = interval(SUMMARY);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        shared.rejection_log.sum_up();
    }
}

/// The sockets: what the service manager has opened, the first for tokens and the second for checks; else what the
/// configuration says.
async fn listeners(endpoint: &Endpoint) -> Result<(Listener, Option<Listener>), EndpointError> {
    let mut handed = handed_over()
        .map_err(EndpointError::HandedOver)?
        .into_iter();
    if let Some(tokens) = handed.next() {
        let admin = match (handed.next(), &endpoint.admin_listen) {
            (Some(admin), _) => Some(admin),
            (None, Some(listen)) => Some(open(listen, "endpoint.admin-listen").await?),
            (None, None) => None,
        };
        return Ok((tokens, admin));
    }
    let admin = match &endpoint.admin_listen {
        Some(listen) => Some(open(listen, "endpoint.admin-listen").await?),
        None => None,
    };
    Ok((open(&endpoint.listen, "endpoint.listen").await?, admin))
}

async fn open(listen: &Listen, setting: &'static str) -> Result<Listener, EndpointError> {
    let at = match listen {
        Listen::Tcp(address) => Bound::Tcp(*address),
        Listen::Unix(path) => Bound::Unix(path),
    };
    bind(at).await.map_err(|why| EndpointError::Listen {
        listen: listen.to_string(),
        setting,
        why,
    })
}

/// Makes room for so many connections, as far as the system lets us.
#[cfg(unix)]
fn enough_files(endpoint: &Endpoint) -> Result<(), EndpointError> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = endpoint.max_connections.saturating_add(OTHER_FILES);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|most| most >= needed) {
        return Ok(());
    }
    let raised = Rlimit {
        current: Some(needed),
        maximum: limit.maximum,
    };
    let allowed = limit.maximum.is_none_or(|most| most >= needed);
    if allowed && setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    Err(EndpointError::Files {
        connections: endpoint.max_connections,
        needed,
        allowed: limit.maximum.or(limit.current).unwrap_or_default(),
    })
}

#[cfg(not(unix))]
fn enough_files(_: &Endpoint) -> Result<(), EndpointError> {
    let _ = OTHER_FILES;
    Ok(())
}

/// Says where it listens, and what that publishes.
fn introduce(config: &Config, listener: &Listener, admin: Option<&Listener>) {
    let place = |listener: &Listener, path: &str| match (listener.address(), listener.path()) {
        (Some(address), _) => format!("http://{address}{path}"),
        (None, socket) => format!("unix:{}", socket.unwrap_or_default().display()),
    };
    let path = path(config);
    if let Some(admin) = admin {
        tracing::info!(address = place(admin, "/"), "listening for checks");
    }
    // The last to be said, and the first to be looked for.
    tracing::info!(
        address = place(listener, &path),
        organizations = config.organizations.len(),
        "listening"
    );
    publish(config);
}

/// Says it if tokens are given to everybody who asks.
fn publish(config: &Config) {
    if config.endpoint.is_open() {
        let names: Vec<&str> = config.organizations.keys().map(String::as_str).collect();
        tracing::warn!(
            organizations = names.join(", "),
            "tokens are published: everybody who can reach this endpoint gets one without being asked who they are, and can use it as \
             that operator until it expires"
        );
    }
}

fn status(config: &Config) -> String {
    let count = config.organizations.len();
    let plural = if count == 1 { "" } else { "s" };
    format!("serving tokens of {count} organization{plural}")
}
