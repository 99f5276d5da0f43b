//! Before it breaks: each kind of warning over the lab, and what becomes of it in the incident that follows.

use futures::future::join_all;
use watchpost_lab::{Host, Place as At, Service as Port};

use super::*;
use crate::book::warning::WarningRequest;
use crate::cause::Cause;
use crate::incident::Incident;
use crate::service::Registry;
use crate::store::history::Sample;

/// Policies and names are looked at more often than in production, so that a test is not half a day long.
const OFTEN: &str = "[monitor]\nhygiene = \"10m\"";
const HOUR: Duration = Duration::from_secs(3_600);

/// What will break, what the checks must be given to see it, and what the operations channel reads.
struct Kind {
    fault: Fault,
    at: At,
    equip: fn(&mut Service, &Lab),
    /// How many warnings: one for each thing that it is about.
    count: usize,
    says: &'static [&'static str],
}

fn https(lab: &Lab) -> u16 {
    lab.endpoint(Host::Mail, Port::Https).expect("a port").port()
}

fn kinds() -> Vec<Kind> {
    let everywhere = At::default;
    vec![
        Kind {
            fault: Fault::CertSoon,
            at: everywhere(),
            equip: |_, _| {},
            // Both MX hosts, and each names the other.
            count: 2,
            says: &["(lab) ends", "in one day", "The same way of renewal has: m", "Renew it, and reload"],
        },
        Kind {
            fault: Fault::DomainExpiring,
            at: everywhere(),
            equip: |service, lab| {
                let url = format!("https://rdap.{}:{}/", lab.domain(), https(lab));
                service.registry = Some(Registry::At(url));
            },
            count: 1,
            says: &["domain", "lab.example", "registered until"],
        },
        Kind {
            fault: Fault::Dnsbl,
            at: everywhere(),
            equip: |_, _| {},
            count: 1,
            says: &["listed", "127.0.0.4"],
        },
        Kind {
            fault: Fault::DnsHung,
            at: At::host(Host::Mail),
            equip: |service, lab| {
                service.name_server_port = lab.dns().port();
                service.resolvers =
                    vec![lab.endpoint(Host::Backup, Port::Dns).expect("a second name server")];
            },
            count: 1,
            says: &["does not answer: ns.lab.example"],
        },
        Kind {
            fault: Fault::MtastsMismatch,
            at: everywhere(),
            equip: |service, lab| service.https_port = https(lab),
            count: 1,
            says: &["_mta-sts.lab.example", "policy names: old.lab.example"],
        },
    ]
}

/// What is wrong with how this kind is told; none where all is well.
async fn told(kind: Kind) -> Option<String> {
    let mut night = Night::begins(OFTEN).await;
    night.equip(kind.equip);
    night.minutes(12).await;
    let before = night.says("before it breaks");
    night.lab.switch_at(kind.fault, kind.at, Switch::On).await;
    night.minutes(30).await;
    let warned: Vec<String> = night
        .posts
        .iter()
        .map(|(_, item)| text(item))
        .filter(|text| text.contains("before it breaks"))
        .collect();
    let fits = |warning: &String| kind.says.iter().all(|part| warning.contains(part));
    night.lab.clear().await;
    night.minutes(30).await;
    let gone = night.says("is found no more");
    let well = before == 0
        && warned.len() == kind.count
        && warned.iter().all(fits)
        && gone == kind.count
        && night.alarms().is_empty();
    let alarms = night.alarms();
    (!well).then(|| format!("{:?}: {before} before; {warned:#?}; {gone} gone; alarms {alarms:?}", kind.fault))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_warning_is_told_once_alarms_nobody_and_goes() {
    let wrong: Vec<String> = join_all(kinds().into_iter().map(told)).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_that_grows_against_the_same_hour_of_the_last_weeks_is_told_and_goes() {
    let mut night = Night::begins("").await;
    let (name, now) = (samples::delivery(&"lab".into()), night.clock.now());
    let mail = |at: UtcMs, seconds: u64| {
        night.history.record(&name, Sample::new(at, Verdict::Ok, Some(Duration::from_secs(seconds))));
    };
    for week in [3, 2, 1] {
        (0..6).for_each(|part| mail(now - HOUR * 24 * 7 * week + Duration::from_secs(part * 300), 2));
    }
    // At another hour it was always slow, and that is no measure for this one.
    (0..6).for_each(|part| mail(now - HOUR * (24 * 7 - 6) + Duration::from_secs(part * 300), 40));
    (0..5).for_each(|part| mail(now - Duration::from_secs(300 + part * 300), 40));
    night.history.save(now).expect("saved");
    night.minutes(6).await;
    assert_eq!(night.says("at this hour of the last weeks it took 2 s"), 1, "{:?}", night.posts);
    assert_eq!(night.alarms(), [], "it still arrives");
    night.minutes(70).await;
    assert_eq!(night.says("delivery-slow (delivery) is found no more"), 1, "{:?}", night.posts);
}

fn entries(incident: &Incident) -> String {
    incident.entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn declared(night: &Night) -> Arc<Incident> {
    night.desk.open_incidents(crate::ids::GuildId(175_928_847_299_117_063)).remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_warned_and_why_it_was_silenced_goes_into_the_incident_that_follows() {
    let mut night = Night::begins("[monitor]\ndeclare = \"declare\"").await;
    night.switch(Fault::CertSoon, Switch::On).await;
    night.minutes(3).await;
    let number = night.desk.book().warnings.open[0].number;
    let until = night.clock.now() + HOUR;
    let why = "the host is switched off on Friday".to_owned();
    night.enter(BookRequest::Warning(WarningRequest::Silence { number, until, why })).await;
    night.minutes(3).await;
    night.lab.clear().await;
    night.switch(Fault::CertificateExpired, Switch::On).await;
    night.minutes(6).await;
    let told = entries(&declared(&night));
    for part in [
        "Warned before, in the operations channel: certificate-expiring (mail.lab.example",
        "ana silenced it until",
        "the host is switched off on Friday",
    ] {
        assert!(told.contains(part), "“{part}” is missing in {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_holds_the_alarm_to_its_end_and_its_reason_goes_into_the_incident() {
    let mut night = Night::begins("[monitor]\ndeclare = \"declare\"").await;
    night.minutes(2).await;
    let silence = |cause: Option<Cause>, minutes: u64| {
        let from = night.clock.now();
        BookRequest::Window(WindowRequest::Plan {
            kind: WindowKind::Silence,
            service: Some("lab".into()),
            cause,
            from,
            until: from + Duration::from_secs(minutes * 60),
            repeat: None,
            why: "the standby is being tried".to_owned(),
            announced: false,
            alarm: None,
        })
    };
    night.enter(silence(Some(Cause::ConnectionRefused), 20)).await;
    night.switch(Fault::SmtpStopped, Switch::On).await;
    night.minutes(15).await;
    assert_eq!(night.alarms(), [], "kept back");
    assert!(night.desk.open_incidents(crate::ids::GuildId(175_928_847_299_117_063)).is_empty());
    assert!(night.desk.book().watched.is_broken(&"lab".into()), "checks go on");
    night.minutes(7).await;
    let incident = declared(&night);
    let told = entries(&incident);
    assert!(told.contains("Silence of lab (connection-refused) kept alarms back from"), "{told}");
    assert!(told.contains("by ana: the standby is being tried."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_of_one_cause_lets_another_through() {
    let mut night = Night::begins("").await;
    night.minutes(2).await;
    let from = night.clock.now();
    let silence = WindowRequest::Plan {
        kind: WindowKind::Silence,
        service: None,
        cause: Some(Cause::CertificateExpired),
        from,
        until: from + HOUR,
        repeat: None,
        why: "renewed at noon".to_owned(),
        announced: false,
        alarm: None,
    };
    night.enter(BookRequest::Window(silence)).await;
    night.switch(Fault::SmtpStopped, Switch::On).await;
    night.minutes(4).await;
    assert_eq!(night.alarms().len(), 1, "{:?}", night.posts);
}
