//! The words that names and texts of the workspace are made of. Lists of single words are parted by commas.

/// The words of a list.
pub fn list(words: &'static str) -> Vec<&'static str> {
    words.split(',').collect()
}

/// First names.
pub const FIRST_NAMES: &str = "\
    Ada,Grace,Linus,Zoë,Jürgen,María,Søren,Chloé,Łukasz,İpek,Björn,Siobhán,Mei,Hiroshi,Amara,Kwame,\
    Priya,Arjun,Fatima,Omar,Elena,Dmitri,Olga,Pavel,Ana,João,Beatriz,Tiago,Lucía,Diego,Carlos,Sofía,\
    Emma,Noah,Liam,Olivia,Mia,Lucas,Hannah,Felix,Clara,Moritz,Greta,Oskar,Freya,Lars,Ingrid,Nils,\
    Astrid,Matteo,Giulia,Alessio,Francesca,Camille,Étienne,Margaux,Rémi,Thandiwe,Sipho,Nadia,Yusuf,\
    Leila,Karim,Yuki,Kenji,Sakura,Minh,Linh,Anh,Budi,Dewi,Rafael,Valentina,Mateo,Isabela,Aoife,\
    Cillian,Niamh,Rhys,Bronwyn,Walter,Ruth,Edgar,Iris,Hugo,Vera";

/// Last names.
pub const LAST_NAMES: &str = "\
    Lovelace,Hopper,Müller,Nguyễn,García,Sørensen,Dubois,Kowalski,Yılmaz,Lindqvist,O'Brien,Tanaka,\
    Okafor,Mensah,Sharma,Patel,Hassan,Al-Farsi,Petrova,Ivanov,Novák,Horváth,Silva,Santos,Ferreira,\
    Fernández,Rodríguez,Morales,Smith,Johnson,Brown,Wilson,Taylor,Schneider,Fischer,Weber,Wagner,\
    Becker,Hoffmann,Bauer,Jansen,de Vries,van Dijk,Bakker,Rossi,Bianchi,Romano,Esposito,Moreau,\
    Lefèvre,Girard,Dlamini,Ndlovu,Haddad,Khoury,Sato,Suzuki,Watanabe,Trần,Phạm,Santoso,Wijaya,Gómez,\
    Castro,Rojas,Murphy,Kelly,Byrne,Evans,Hughes,Larsen,Hansen,Nilsson,Eriksson,Virtanen,Korhonen,\
    Papadopoulos,Ionescu,Popescu,Kaya,Demir,Chen,Wang,Li,Kim,Park,Cohen,Levi";

/// How company names begin.
pub const COMPANY_NAMES: &str = "\
    Acme,Globex,Initech,Umbra,Northwind,Contour,Lumen,Aster,Borealis,Cobalt,Delta,Ember,Fjord,Granite,\
    Helix,Indigo,Juniper,Kestrel,Lagoon,Meridian,Nimbus,Onyx,Pinnacle,Quartz,Ridge,Solstice,Tundra,\
    Umber,Vertex,Willow,Xenon,Yarrow,Zephyr,Alpenglühen,Brücke,Côte d'Azur,Østerby,São Bento,Ñandú,\
    Łódź,Amber,Basalt,Cascade,Drift,Echo,Falcon,Glacier,Harbor,Iron,Jade,Keystone,Larch,Mosaic,Nova,\
    Orchid,Prairie,Quill,Raven,Sable,Terra,Unity,Vista,Wave,Zenith";

/// How company names end.
pub const COMPANY_KINDS: &str = "\
    Labs,Systems,Logistics,Foods,Energy,Robotics,Health,Studios,Partners,Software,Analytics,Textiles,\
    Motors,Media,Pharma,Finance,Insurance,Travel,Optics,Security,Mining,Farms,Aerospace,Networks,\
    Design,Cloud,Education,Materials";

/// Where companies are: city, region, country, dialling code, country code, latitude, longitude.
pub const PLACES: &[(&str, &str, &str, &str, &str, f64, f64)] = &[
    ("Berlin", "Berlin", "Germany", "+49", "DE", 52.52, 13.405),
    ("München", "Bayern", "Germany", "+49", "DE", 48.137, 11.575),
    ("Paris", "Île-de-France", "France", "+33", "FR", 48.857, 2.352),
    ("Lyon", "Auvergne-Rhône-Alpes", "France", "+33", "FR", 45.764, 4.836),
    ("London", "Greater London", "United Kingdom", "+44", "GB", 51.507, -0.128),
    ("Dublin", "Leinster", "Ireland", "+353", "IE", 53.35, -6.26),
    ("San Francisco", "California", "United States", "+1", "US", 37.775, -122.419),
    ("New York", "New York", "United States", "+1", "US", 40.713, -74.006),
    ("Austin", "Texas", "United States", "+1", "US", 30.267, -97.743),
    ("São Paulo", "São Paulo", "Brazil", "+55", "BR", -23.551, -46.633),
    ("Tokyo", "Tokyo", "Japan", "+81", "JP", 35.676, 139.65),
    ("Sydney", "New South Wales", "Australia", "+61", "AU", -33.869, 151.209),
    ("Zürich", "Zürich", "Switzerland", "+41", "CH", 47.377, 8.542),
    ("København", "Hovedstaden", "Denmark", "+45", "DK", 55.676, 12.568),
    ("Lagos", "Lagos", "Nigeria", "+234", "NG", 6.524, 3.379),
    ("Bengaluru", "Karnataka", "India", "+91", "IN", 12.972, 77.594),
];

/// Streets.
pub const STREETS: &str = "\
    Main Street,Bahnhofstrasse,Rue de la Paix,High Street,Market Street,Harbour Road,Kirkegade";

/// What people do.
pub const JOB_TITLES: &str = "\
    CEO,CTO,CFO,COO,Head of Sales,Head of Marketing,VP Engineering,Product Manager,Account Executive,\
    Software Engineer,Data Analyst,Office Manager,Procurement Lead,Founder,Customer Success Manager,\
    Operations Director,Legal Counsel,Designer,Consultant,Plant Manager";

/// What deals are about.
pub const DEALS: &str = "\
    Annual licence,Platform rollout,Pilot project,Renewal,Expansion,Support contract,Migration,\
    Training package,Hardware refresh,Consulting retainer,Data integration,Security audit";

/// What notes are about, with their texts.
pub const NOTES: &[(&str, &str)] = &[
    (
        "Discovery call",
        "Spoke about **current tools** and budget.\n\n- Decision before the end of the quarter\n- Wants a demo",
    ),
    ("Follow-up after demo", "Liked the reports, asked about _single sign-on_ and export."),
    ("Pricing discussion", "Needs a discount of 10 % for a three-year term."),
    ("Quarterly review", "Usage is up. Two open questions about invoices."),
    ("Introduction", "Met at the trade fair, interested in a pilot."),
    ("Contract feedback", "Legal wants changes in section 4 (liability)."),
    ("Onboarding notes", "1. Import contacts\n2. Connect the mailbox\n3. Train the team"),
    ("Competitor mention", "They also look at two other vendors."),
];

/// What is to be done.
pub const TASKS: &str = "\
    Send proposal,Call back,Prepare demo,Check references,Send invoice,Schedule kick-off,\
    Update forecast,Review contract,Share case study,Ask for feedback,Confirm attendance,Book travel";

/// What people write about, with the texts.
pub const MESSAGES: &[(&str, &str)] = &[
    ("Proposal", "Hello,\n\nplease find our proposal attached. Happy to talk it through.\n\nBest regards"),
    ("Meeting next week", "Hi,\n\nwould Tuesday at 10:00 work for you?\n\nThanks"),
    (
        "Question about the invoice",
        "Hello,\n\nthe last invoice shows 12 seats, we have 10. Could you check?\n\nKind regards",
    ),
    ("Introduction", "Hi,\n\nthanks for the introduction at the conference. Let us stay in touch."),
    ("Renewal", "Hello,\n\nour contract ends next month. Which options do we have?"),
    ("Feature request", "Hi,\n\nis it possible to export the report as a spreadsheet?"),
    ("Next steps", "Hello,\n\nas discussed: pilot first, then rollout in the other offices."),
];

/// What people meet about.
pub const MEETINGS: &str = "\
    Kick-off,Product demo,Weekly sync,Quarterly business review,Contract negotiation,Lunch,Workshop";

/// What customers ask for help with.
pub const TICKETS: &str = "\
    Cannot sign in,Export is empty,Import stops halfway,Wrong time zone,Slow dashboard,\
    Invoice has the wrong address,Mailbox does not sync,Missing permission,Page shows an error";

/// The plans that companies subscribe to.
pub const PLANS: &str = "\
    Starter,Team,Business,Enterprise";

/// Currencies, the frequent ones more than once.
pub const CURRENCIES: &str = "\
    USD,USD,USD,EUR,EUR,EUR,GBP,CHF";

/// The people who work with the workspace.
pub const MEMBERS: &[(&str, &str, &str)] = &[
    ("Tim", "Apple", "Head of Sales"),
    ("Jony", "Ive", "Account Executive"),
    ("Phil", "Schiller", "Marketing Lead"),
    ("Jane", "Austen", "Customer Success Manager"),
    ("Renée", "Ångström", "Account Executive"),
    ("Kofi", "Mensah", "Support Engineer"),
];
