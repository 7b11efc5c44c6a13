//! Members, companies and people.

use std::{collections::HashSet, sync::Arc};

use serde_json::json;

use crate::tools::twenty::sandbox::engine::words::words;

use super::{
    seeder::{Company, DAY, Member, Person, Seeder, TODAY},
    words::{
        COMPANY_KINDS, COMPANY_NAMES, FIRST_NAMES, JOB_TITLES, LAST_NAMES, MEMBERS, PLACES, STREETS, list,
    },
};

impl Seeder<'_> {
    pub(super) fn members(&mut self) {
        let Some(mut sheet) = self.sheet("workspaceMember") else { return };
        for (at, (first, last, job)) in MEMBERS.iter().enumerate() {
            let email: Arc<str> = format!("{}@twenty.example", slug(&format!("{first} {last}"), ".")).into();
            let author = (self.random.id(), Arc::from(format!("{first} {last}")));
            let entry =
                sheet.entry(author.0, TODAY - 730 * DAY).by("SYSTEM", &(author.0, Arc::from("System")));
            let entry =
                entry.text("name.firstName", *first).text("name.lastName", *last).text("jobTitle", *job);
            let entry =
                entry.text("userEmail", email.clone()).id("userId", self.random.id()).text("locale", "en");
            let entry = entry.text("colorScheme", if at.is_multiple_of(2) { "System" } else { "Dark" });
            let entry = entry
                .text("timeZone", if at.is_multiple_of(2) { "Europe/Paris" } else { "America/New_York" });
            let entry = entry
                .choice("dateFormat", "SYSTEM")
                .choice("timeFormat", "SYSTEM")
                .choice("numberFormat", "SYSTEM");
            entry.number("calendarStartDay", 1.0).save(&mut self.store);
            self.members.push(Member { author, email });
        }
    }

    pub(super) fn companies(&mut self) {
        let Some(mut sheet) = self.sheet("company") else { return };
        let count = self.size / 4;
        // A few more are deleted, so that the visible ones are as many as was asked for.
        for at in 0..count + count / 50 {
            let (name, created) = (company_name(at), self.past());
            let (domain, author) = (format!("{}.example", slug(&name, "-")), self.author());
            let place = self.random.below(PLACES.len());
            let entry = sheet.entry(self.random.id(), created).by("IMPORT", &author);
            let entry = entry.time("updatedAt", self.since(created)).text("name", name.as_str());
            let mut entry = entry.text("domainName.primaryLinkUrl", format!("https://{domain}"));
            if let Some((city, state, country, _, _, lat, lng)) = PLACES.get(place) {
                let street = format!("{} {}", self.word(STREETS), self.random.range(1, 199));
                entry = entry.text("address.addressStreet1", street).text("address.addressCity", *city);
                entry = entry.text("address.addressState", *state).text("address.addressCountry", *country);
                entry = entry.text("address.addressPostcode", self.random.range(10_000, 99_999).to_string());
                entry = entry.number("address.addressLat", *lat).number("address.addressLng", *lng);
            }
            if self.random.percent(60) {
                let link = format!("https://www.linkedin.com/company/{}", slug(&name, "-"));
                entry = entry.text("linkedinLink.primaryLinkUrl", link);
            }
            if self.random.percent(75) {
                let revenue = self.random.range(2, 900) as f64 * 100_000.0 * 1e6;
                for field in ["annualRevenue", "annualRecurringRevenue"] {
                    entry = entry.number(&format!("{field}.amountMicros"), revenue);
                    entry = entry.text(&format!("{field}.currencyCode"), "USD");
                }
            }
            entry = entry.number("employees", self.random.range(3, 5_000) as f64);
            entry = entry.flag("idealCustomerProfile", self.random.percent(25));
            if self.random.percent(65) {
                entry = entry.choice("tier", self.word("GOLD,SILVER,SILVER,BRONZE"));
            }
            if self.random.percent(85) {
                entry = entry.id("accountOwnerId", self.author().0);
            }
            if at >= count {
                entry.deleted(self.since(created)).save(&mut self.store);
                continue;
            }
            let id = entry.save(&mut self.store);
            self.companies.push(Company { id, name: name.into(), domain: domain.into(), place });
        }
    }

    pub(super) fn people(&mut self) {
        let Some(mut sheet) = self.sheet("person") else { return };
        let (names, jobs) = (shared(list(FIRST_NAMES)), shared(list(JOB_TITLES)));
        let families = shared(list(LAST_NAMES));
        let mut taken = HashSet::new();
        for at in 0..self.size + self.size / 100 {
            let pick = |list: &[Arc<str>], at: usize| list.get(at).cloned().unwrap_or_default();
            let first = pick(&names, self.random.below(names.len()));
            let last = pick(&families, self.random.below(families.len()));
            let (company, created, author) = (self.employer(at), self.past(), self.author());
            let home = company.and_then(|at| self.companies.get(at)).cloned();
            let domain = home.as_ref().map_or("mail.example", |company| &company.domain);
            let place = home.as_ref().map_or_else(|| at % PLACES.len(), |company| company.place);
            let name = slug(&format!("{first} {last}"), ".");
            let mut email = format!("{name}@{domain}");
            while !taken.insert(email.clone()) {
                email = format!("{name}{}@{domain}", taken.len());
            }
            let email: Option<Arc<str>> = (!self.random.percent(4)).then(|| email.into());
            let source = if self.random.percent(30) { "EMAIL" } else { "IMPORT" };
            let entry = sheet.entry(self.random.id(), created).by(source, &author);
            let entry = entry.time("updatedAt", self.since(created));
            let mut entry = entry.text("name.firstName", first.clone()).text("name.lastName", last.clone());
            if let Some(email) = &email {
                entry = entry.text("emails.primaryEmail", email.clone());
            }
            if self.random.percent(3) {
                entry = entry
                    .json("emails.additionalEmails", Arc::new(json!([format!("{name}@private.example")])));
            }
            if self.random.percent(90) {
                entry = entry.text("jobTitle", pick(&jobs, self.random.below(jobs.len())));
            }
            if let Some((city, _, _, calling, country, ..)) = PLACES.get(place) {
                entry = entry.text("city", *city);
                if self.random.percent(70) {
                    entry = entry.text(
                        "phones.primaryPhoneNumber",
                        self.random.range(20_000_000, 99_999_999).to_string(),
                    );
                    entry = entry.text("phones.primaryPhoneCallingCode", *calling);
                    entry = entry.text("phones.primaryPhoneCountryCode", *country);
                }
            }
            if self.random.percent(40) {
                let link = format!("https://www.linkedin.com/in/{}", slug(&format!("{first} {last}"), "-"));
                entry = entry.text("linkedinLink.primaryLinkUrl", link);
            }
            if self.random.percent(60) {
                entry = entry.number("leadScore", self.random.range(0, 100) as f64);
            }
            entry = entry.flag("newsletter", self.random.percent(35));
            entry = entry.maybe("companyId", home.as_ref().map(|company| company.id));
            if at >= self.size {
                entry.deleted(self.since(created)).save(&mut self.store);
                continue;
            }
            let id = entry.save(&mut self.store);
            self.people.push(Person { id, name: format!("{first} {last}").into(), email, company, created });
        }
    }

    /// Where a person works: one company has very many people, some have none, some people have none.
    fn employer(&mut self, at: usize) -> Option<usize> {
        let staffed = self.companies.len().saturating_sub(self.companies.len() / 10);
        if at % 9 == 4 || staffed == 0 {
            return None;
        }
        Some(if at.is_multiple_of(10) { 0 } else { self.random.below(staffed) })
    }
}

fn shared(list: Vec<&str>) -> Vec<Arc<str>> {
    list.into_iter().map(Arc::from).collect()
}

/// The name of the company in that place; no two are the same.
fn company_name(at: usize) -> String {
    let (begins, ends) = (list(COMPANY_NAMES), list(COMPANY_KINDS));
    let (names, kinds) = (begins.len(), ends.len());
    let begin = begins.get(at % names).copied().unwrap_or_default();
    // The second word moves on with every round of the first, so that neighbours differ in both.
    let end = ends.get((at + at / names) % kinds).copied().unwrap_or_default();
    match at / (names * kinds) {
        0 => format!("{begin} {end}"),
        round => format!("{begin} {end} {}", round + 1),
    }
}

fn slug(text: &str, between: &str) -> String {
    words(text)
        .iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect())
        .collect::<Vec<String>>()
        .join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_names_and_their_domains_are_different() {
        let names: Vec<String> = (0..6_000).map(company_name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        let domains: HashSet<String> = names.iter().map(|name| slug(name, "-")).collect();
        assert_eq!(domains.len(), names.len());
        assert_eq!(slug("Łódź Labs", "-"), "lodz-labs");
    }
}
