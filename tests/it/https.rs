//! The API over https, as it is in the world: with a server whose certificate is of an authority that is trusted, or not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net;
use std::sync::{Arc, mpsc};
use std::thread;

use crate::common::{Site, plain};
use crate::standin::{COMPANY_TOKEN, StandIn};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Puts TLS in front of the stand-in; gives its address, and the authority's certificate in PEM.
fn https(server: &StandIn) -> (String, String) {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), server.address());
    let (ready, address) = std::sync::mpsc::channel();
    // It ends with the test's process: it has nothing of its own to clean up.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            ready.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // A client that does not trust us hangs up here.
                if let Ok(mut front) = acceptor.accept(stream).await {
                    let mut back = TcpStream::connect(behind).await.unwrap();
                    tokio::spawn(async move { copy_bidirectional(&mut front, &mut back).await });
                }
            }
        });
    });
    let port = address.recv().unwrap().port();
    (format!("https://localhost:{port}"), authority.pem())
}

#[test]
fn a_server_of_a_trusted_authority_is_spoken_to_and_no_other() {
    let server = StandIn::start();
    let (url, authority) = https(&server);
    let site = Site::of(plain())
        .file("authority.pem", authority)
        .env("CHATHUB_API_URL", &url)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("NO_PROXY", "*");
    let run = site.run("orgs");
    run.fails(
        4,
        &["no secure connection", "UnknownIssuer", "SSL_CERT_FILE"],
    );
    assert!(!run.stderr.contains("trying again"), "{}", run.stderr);
    assert_eq!(server.calls(), [""; 0]);

    let trusted = site.folder().join("authority.pem");
    let site = site.env("SSL_CERT_FILE", trusted.to_str().unwrap());
    let run = site.ok("orgs");
    assert!(run.stdout.contains("Customer Support"), "{}", run.stdout);
    assert_eq!(server.calls(), ["GET /api/company/organization"]);

    // The certificate is for another name.
    let site = site.env("CHATHUB_API_URL", &url.replace("localhost", "127.0.0.1"));
    site.run("orgs").fails(4, &["no secure connection"]);
    // This server speaks no TLS.
    let site = site.env("CHATHUB_API_URL", &server.url().replace("http:", "https:"));
    site.run("orgs").fails(4, &["no secure connection"]);
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_system_without_certificates_is_told_what_to_install() {
    let server = StandIn::start();
    let site = Site::of(plain())
        .env("SSL_CERT_FILE", "/nowhere/at-all.pem")
        .env("SSL_CERT_DIR", "/nowhere")
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    site.run("orgs").fails(4, &["ca-certificates"]);
    let run = site.run("verify https://127.0.0.1:9/");
    run.fails(
        2,
        &["No CA certificates", "ca-certificates", "SSL_CERT_FILE"],
    );
    // Not needed for plain http on this machine.
    let site = site.env("CHATHUB_API_URL", &server.url());
    site.ok("orgs");
}

#[test]
fn proxies_see_what_goes_out_and_nothing_of_this_machine() {
    let (server, proxy) = (StandIn::start(), StandIn::start());
    let site = Site::of(plain())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("HTTP_PROXY", &proxy.url())
        .env("http_proxy", &proxy.url())
        .env(
            "HTTPS_PROXY",
            &proxy.url().replace("http://", "http://me:proxy-secret@"),
        )
        .env("NO_PROXY", "");
    let site = site.env("CHATHUB_API_URL", &server.url());
    site.ok("orgs");
    assert_eq!(proxy.calls(), [""; 0]);
    // A tunnel is asked for, and refused: the credential stays here.
    let site = site.env("CHATHUB_API_URL", "https://chathub.invalid");
    let run = site.run("orgs -vv");
    run.fails(4, &["tunnel", "proxy settings"]);
    let requests = proxy.state().requests.clone();
    assert!(
        requests.iter().all(|request| request.method == "CONNECT"),
        "{requests:?}"
    );
    assert!(!requests.is_empty());
    let told = format!("{requests:?}{}", run.stderr);
    assert!(
        !told.contains(COMPANY_TOKEN) && !run.stderr.contains("proxy-secret"),
        "{told}"
    );
}

#[test]
fn a_proxy_that_wants_a_login_is_asked_once() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
            while head.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            stream
                .write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                )
                .unwrap();
            sender.send(()).unwrap();
        }
    });
    let site = Site::of(plain())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("HTTPS_PROXY", &format!("http://{address}"))
        .env("NO_PROXY", "")
        .env("CHATHUB_API_URL", "https://chathub.invalid");
    let run = site.run("orgs");
    run.fails(4, &["the proxy wants a login (407)", "HTTPS_PROXY"]);
    assert!(!run.stderr.contains("trying again"), "{}", run.stderr);
    asked.recv().unwrap();
    assert!(asked.try_recv().is_err());
}

#[test]
fn a_connection_that_does_not_come_is_told_from_an_answer_that_does_not() {
    // The system takes the connection; nobody speaks TLS on it.
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let site = Site::of(plain())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("CHATHUB_API_TIMEOUT", "4s")
        .env("CHATHUB_API_URL", &url);
    site.run("orgs").fails(4, &["no connection within 2s"]);
}
