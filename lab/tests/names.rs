//! The name server, asked by a real resolver.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use hickory_resolver::{Resolver, TokioResolver};
use tokio::net::UdpSocket;
use watchpost_lab::{Lab, LabOptions};

/// Asks the lab's name server over UDP, without a resolver that knows better (hickory's answers the names of loopback
/// addresses itself).
pub async fn answers(lab: &Lab, name: &str, kind: RecordType) -> Result<Vec<RData>, String> {
    let mut question = Message::query();
    question.add_query(Query::query(Name::from_ascii(name).expect("a name"), kind));
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(lab.dns()).await.expect("connected");
    socket.send(&question.to_vec().expect("a question")).await.expect("sent");
    let mut answer = [0; 4096];
    let length = match tokio::time::timeout(Duration::from_secs(1), socket.recv(&mut answer)).await {
        Ok(Ok(length)) => length,
        _ => return Err("no answer".to_owned()),
    };
    let answer = Message::from_vec(&answer[..length]).map_err(|_| "not a message".to_owned())?;
    match answer.metadata.response_code {
        ResponseCode::NoError => Ok(answer.answers.into_iter().map(|record| record.data).collect()),
        ResponseCode::NXDomain => Err("no such name".to_owned()),
        code => Err(code.to_string()),
    }
}

/// The same as text.
pub async fn ask(lab: &Lab, name: &str, kind: RecordType) -> String {
    match answers(lab, name, kind).await {
        Ok(found) if found.is_empty() => "none".to_owned(),
        Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "),
        Err(code) => code,
    }
}

fn resolver(server: SocketAddr) -> TokioResolver {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .expect("a resolver")
}

#[tokio::test]
async fn every_name_of_the_lab_is_found() {
    let lab = Lab::start(LabOptions::default()).await.expect("the lab starts");
    let resolver = resolver(lab.dns());
    for (name, kind, expected) in [
        ("lab.example.", RecordType::MX, "10 mail.lab.example. | 20 mx2.lab.example."),
        ("mail.lab.example.", RecordType::A, "127.0.0.1"),
        ("lab.example.", RecordType::A, "127.0.0.1"),
        ("25.2.0.192.in-addr.arpa.", RecordType::PTR, "out.lab.example."),
        ("out.lab.example.", RecordType::A, "192.0.2.25"),
        ("mail.lab.example.", RecordType::AAAA, "none"),
        ("nowhere.lab.example.", RecordType::A, "no such name"),
        ("elsewhere.example.", RecordType::MX, "no such name"),
        ("_tcp.lab.example.", RecordType::A, "none"),
        ("lab.example.", RecordType::NS, "ns.lab.example. | ns2.lab.example."),
        ("lab.example.", RecordType::TXT, "v=spf1 mx ip4:192.0.2.25 -all"),
        ("_mta-sts.lab.example.", RecordType::TXT, "v=STSv1; id=1"),
        ("autoconfig.lab.example.", RecordType::CNAME, "mail.lab.example."),
        ("MX.Outside.Example.", RecordType::A, "127.0.0.3"),
        ("2.0.0.127.dnsbl.lab.example.", RecordType::A, "127.0.0.2"),
        ("1.0.0.127.dnsbl.lab.example.", RecordType::A, "no such name"),
    ] {
        let found = match resolver.lookup(name, kind).await {
            Ok(found) => {
                found.answers().iter().map(|record| record.data.to_string()).collect::<Vec<_>>().join(" | ")
            }
            Err(error) if error.is_nx_domain() => "no such name".to_owned(),
            Err(error) if error.is_no_records_found() => "none".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{name} {kind}");
    }
    let addresses = resolver.lookup_ip("autoconfig.lab.example.").await.expect("an alias is followed");
    assert_eq!(addresses.iter().next().map(|address| address.to_string()).as_deref(), Some("127.0.0.1"));
}
