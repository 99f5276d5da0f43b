//! A healthy service is never quiet: what comes and goes alarms nobody.

use watchpost_lab::{Fault, Switch};

use super::Night;

/// Things that happen to a healthy service, for one minute each; a healthy one has some of them every hour.
const NOISE: [Fault; 5] =
    [Fault::TooManyConn, Fault::Greylist, Fault::LoginLimit, Fault::ShuttingDown, Fault::AuthTempfail];

/// Every seventh minute something is off for a minute.
async fn noisy(hours: u64) -> Night {
    let mut night = Night::begins("").await;
    for minute in 0..hours * 60 {
        let on = (minute % 7 == 3).then(|| NOISE[usize::try_from(minute / 7).unwrap_or(0) % NOISE.len()]);
        if let Some(fault) = on {
            night.switch(fault, Switch::On).await;
        }
        night.seconds(60).await;
        if let Some(fault) = on {
            night.switch(fault, Switch::Off).await;
        }
    }
    night
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hours_of_a_healthy_but_noisy_service_alarm_nobody() {
    assert_eq!(noisy(2).await.alarms(), []);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "heavy: 24 virtual hours, more than 1,400 runs against real sockets"]
async fn a_day_of_a_healthy_but_noisy_service_alarms_nobody() {
    assert_eq!(noisy(24).await.alarms(), []);
}
