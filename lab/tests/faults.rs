//! What is seen under each fault, and that it is gone when the fault is.

use watchpost_lab::{Fault, Host, Lab, LabOptions, Place, Service, Switch};

use crate::client::{Client, await_mail, reader, send, sender};

async fn lab() -> Lab {
    Lab::start(LabOptions::default()).await.expect("the lab starts")
}

/// The first line of a service, or the kind of error at connecting.
async fn first_line(lab: &Lab, service: Service) -> String {
    let address = lab.endpoint(Host::Mail, service).expect("the service");
    match Client::connect(address).await {
        Ok(client) if service.is_implicit_tls() => match client.secure(lab, &lab.host_name(Host::Mail)).await
        {
            Ok(mut client) => client.hear().await,
            Err(error) => error.to_string(),
        },
        Ok(mut client) => client.hear().await,
        Err(error) => format!("{:?}", error.kind()),
    }
}

#[tokio::test]
async fn stopped_refuses_connections_and_ends_those_that_are_open() {
    let lab = lab().await;
    let mut open = Client::to(&lab, Service::Mx).await;
    open.reply().await;
    lab.switch(Fault::Stopped, Switch::On).await;
    assert_eq!(open.rest().await, "", "an open connection is closed");
    for service in Service::ALL.into_iter().filter(|service| service.is_mail()) {
        assert_eq!(first_line(&lab, service).await, "ConnectionRefused", "{service:?}");
    }
    assert!(
        lab.status().listeners.iter().all(|at| at.open != (at.service.is_mail() && at.host != Host::Outside))
    );
    lab.switch(Fault::Stopped, Switch::Off).await;
    assert!(first_line(&lab, Service::Mx).await.starts_with("220 "), "the same port answers again");
    assert!(first_line(&lab, Service::Imaps).await.starts_with("* OK"));
}

#[tokio::test]
async fn one_service_or_one_address_can_be_stopped_alone() {
    let options = LabOptions {
        addresses: vec!["127.0.0.31".parse().expect("an address"), "127.0.0.32".parse().expect("an address")],
        ..LabOptions::default()
    };
    let lab = Lab::start(options).await.expect("the lab starts");
    let second =
        lab.endpoints().iter().find(|at| at.address.ip().to_string() == "127.0.0.32").expect("the second");
    assert_eq!(lab.endpoint(Host::Mail, second.service).expect("the first").port(), second.address.port());
    lab.switch_at(Fault::Stopped, Place::address(second.address.ip()), Switch::On).await;
    assert!(Client::connect(second.address).await.is_err());
    assert!(first_line(&lab, Service::Mx).await.starts_with("220 "));
    lab.clear().await;
    lab.switch_at(Fault::Stopped, Place::service(Service::Imap), Switch::On).await;
    assert!(first_line(&lab, Service::Mx).await.starts_with("220 "));
    assert_eq!(first_line(&lab, Service::Imap).await, "ConnectionRefused");
}

#[tokio::test]
async fn hung_accepts_and_says_nothing() {
    let lab = lab().await;
    lab.switch(Fault::Hung, Switch::On).await;
    for service in [Service::Mx, Service::Submission, Service::Submissions, Service::Imap, Service::Pop3] {
        let address = lab.endpoint(Host::Mail, service).expect("the service");
        assert!(Client::connect(address).await.expect("accepted").is_silent().await, "{service:?}");
    }
    lab.switch(Fault::Hung, Switch::Off).await;
    assert!(first_line(&lab, Service::Mx).await.starts_with("220 "));
}

#[tokio::test]
async fn certificate_expired_is_what_a_client_finds() {
    let lab = lab().await;
    lab.switch(Fault::CertificateExpired, Switch::On).await;
    for service in [Service::Submissions, Service::Imaps, Service::Pop3s] {
        let found = first_line(&lab, service).await;
        assert!(found.contains("expired"), "{service:?}: {found}");
    }
    let mut smtp = Client::to(&lab, Service::Mx).await;
    smtp.reply().await;
    smtp.say("EHLO a.example").await;
    smtp.say("STARTTLS").await;
    let error = smtp.secure(&lab, "mail.lab.example").await.err().expect("refused").to_string();
    assert!(error.contains("expired"), "{error}");
    lab.switch(Fault::CertificateExpired, Switch::Off).await;
    assert!(first_line(&lab, Service::Imaps).await.starts_with("* OK"));
}

#[tokio::test]
async fn storage_full_refuses_new_mail_and_keeps_the_old_readable() {
    let lab = lab().await;
    let mut smtp = sender(&lab, "alice").await;
    lab.switch(Fault::StorageFull, Switch::On).await;
    let reply = send(&mut smtp, "alice@lab.example", "bob@lab.example", "full").await;
    assert!(reply.starts_with("452 4.3.1 "), "{reply}");
    let mut imap = reader(&lab, "bob").await;
    imap.tell("t APPEND INBOX {3+}\r\na\r\n\r\n").await;
    assert!(imap.until("t ").await.starts_with("t NO [SERVERBUG]"));
    assert!(imap.command("SELECT INBOX").await.contains("t OK"));
    lab.switch(Fault::StorageFull, Switch::Off).await;
    assert!(send(&mut smtp, "alice@lab.example", "bob@lab.example", "room").await.starts_with("250"));
    await_mail(&lab, "bob", "INBOX", "Subject: room").await;
}

#[tokio::test]
async fn stuck_delivery_keeps_mail_in_the_queue_until_it_is_mended() {
    let lab = lab().await;
    lab.switch(Fault::StuckDelivery, Switch::On).await;
    let mut smtp = sender(&lab, "alice").await;
    assert!(send(&mut smtp, "alice@lab.example", "bob@lab.example", "stuck").await.starts_with("250"));
    let mut status = lab.status();
    for _ in 0..200 {
        if status.queue.mails.iter().any(|mail| mail.attempts > 0) {
            break;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        status = lab.status();
    }
    assert_eq!(
        (status.queue.length, status.queue.mails[0].reason.as_deref()),
        (1, Some("450 4.3.2 Delivery is suspended"))
    );
    assert_eq!(status.faults[0].name, "stuck-delivery");
    lab.switch(Fault::StuckDelivery, Switch::Off).await;
    await_mail(&lab, "bob", "INBOX", "Subject: stuck").await;
    assert_eq!(lab.status().queue.length, 0);
}

#[tokio::test]
async fn one_service_can_show_an_old_certificate_while_the_others_were_reloaded() {
    let lab = lab().await;
    lab.switch_at(Fault::CertificateExpired, Place::service(Service::Imaps), Switch::On).await;
    assert!(first_line(&lab, Service::Imaps).await.contains("expired"));
    assert!(first_line(&lab, Service::Submissions).await.starts_with("220 "));
    // The other organisation is left alone unless it is named.
    lab.switch(Fault::Stopped, Switch::On).await;
    let outside = lab.endpoint(Host::Outside, Service::Mx).expect("the service");
    assert!(Client::connect(outside).await.is_ok());
    lab.switch_at(Fault::Stopped, Place::host(Host::Outside), Switch::On).await;
    assert!(Client::connect(outside).await.is_err());
}
