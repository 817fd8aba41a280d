"""Names for the demo's invented people and companies. Used by `people.py` alone."""

TURKISH_FIRST = (
    "Ahmet", "Zeynep", "Burak", "Elif", "İsmail", "Ayşegül", "Çağrı", "Irmak", "Emre", "Şule",
    "Gökhan", "Özlem", "Ufuk", "Ümmühan", "Kerem", "Derya", "Hakan", "Nazlı", "Onur", "Melis",
    "Yiğit", "Tuğba", "Barış", "Işıl", "Serkan", "Pelin", "Oğuz", "Gizem", "Tolga", "Esra",
    "Mustafa", "Begüm", "Levent", "Şebnem", "Cem", "Ceren", "Volkan", "Sıla", "Kaan", "Hülya",
    "Can",
)  # fmt: skip
TURKISH_LAST = (
    "Yılmaz", "Çelik", "Şahin", "Öztürk", "Aydın", "Kılıç", "Doğan", "Güneş", "Koç", "Ünal",
    "Yıldız", "Erdoğmuş", "Işık", "Polat", "Tekin", "Kaplan", "Akın", "Bulut", "Çetin", "Karaca",
    "Özdemir", "Taş", "Uçar", "Sönmez", "Türkmen", "Güler", "Ateş", "Bilgin", "Şimşek", "Duman",
    "İnce", "Sezer", "Toprak", "Vural", "Yavuz", "Zengin", "Özgür",
)  # fmt: skip
TURKISH_COMPANIES = (
    "Mavi Defne Yazılım", "Yedi Tepe Mobilya", "Ilgaz Orman Ürünleri", "Çamlıca Eczanesi",
    "Beyaz Martı Turizm", "Söğütlü Süt", "Kuzey Lojistik", "Üç Çınar Hukuk", "Işıltı Optik",
    "İpek Yolu Tekstil", "Doruk Kayak Evi", "Göksu Seramik", "Şirin Kreş", "Toprak Fırın",
    "Ada Su Arıtma", "Körfez Tersanesi", "Lale Sigorta Acentesi", "Zeytin Dalı Gıda",
)  # fmt: skip
BRITISH = (
    "Oliver Hartley", "Amelia Whitcombe", "Harry Pemberton", "Isla Thornbury", "George Ashdown",
    "Freya Lockwood", "Callum MacRae", "Niamh O'Donovan", "Rhys Prosser", "Priya Chandran",
    "Owen Bristow", "Chloë Fairburn", "Dev Malhotra", "Sian Llewellyn", "Jack Tolland",
    "Grace Okonjo", "Theo Winslade", "Poppy Garrick", "Hamish Dunbar", "Zara Siddiq",
    "Edward Marlow", "Ruth Abernathy", "Tom Pickersgill", "Alice Wetherby",
)  # fmt: skip
AMERICAN = (
    "Emily Carrow", "Marcus Delgado", "Hannah Lindqvist", "Tyrone Baxter", "Sofía Ramírez",
    "Noah Feldstein", "Grace Nakamura", "Ethan Kowalski", "Ava Thibodeaux", "Liam Castellano",
    "Olivia Begaye", "José Peña", "Mia Hollister", "Caleb Winters", "Nora Szabó",
)  # fmt: skip
GERMAN = (
    "Jürgen Vogelsang", "Anneliese Groß", "Björn Thießen", "Käthe Lüdemann", "Matthias Röhrig",
    "Sabine Öhlschläger", "Lukas Weißmüller", "Heike Brandstätter", "Uwe Jäckel", "Ilse Müßig",
    "Florian Höfner", "Petra Sørensen", "Dieter Kühn", "Marlene Łuczak", "Kai Schröter",
    "Ute Hänsel", "Rainer Böttcher", "Dörte Claßen",
)  # fmt: skip
FRENCH = (
    "Éloïse Garnier", "Théo Lefèvre", "Anaïs Bonnard", "François Dubreuil", "Zoé Carpentier",
    "Loïc Kerguelen", "Hélène Vasseur", "Benoît Châtelain", "Noémie Poirier", "Jérôme Sauvageot",
)  # fmt: skip
FOREIGN_COMPANIES = {
    "GB": ("Thistle & Fern", "Harbourside Bikes", "Larkspur Dental", "Old Mill Joinery"),
    "US": ("Juniper Freight", "Blue Heron Press", "Maple Street Clinic"),
    "DE": ("Spreewerk Maschinen", "Lindenhof Apotheke", "Nordlicht Küchen", "Blaukraut Catering"),
    "FR": ("Atelier Glycine", "Maison Pervenche", "Clair Ruisseau"),
}
NOTES = (
    "Prefers calls after lunch.",
    "Wants the invoice by e-mail, not by post.",
    "Renewal is due in spring; asked for an offer for three years.",
    "Speaks Turkish and English.",
    "Delivery to the back entrance, ring twice.",
    "Changed accountants; new contact for payments to follow.",
    "Had a damaged parcel last month, handled with care since.",
)
