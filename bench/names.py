"""Names for invented contacts: common ones first, with a long tail made of syllables.

`bench.people` draws from these lists with falling weights, so that, as in a real company, a few
names are everywhere and most are rare.
"""

import random


def _words(text: str) -> list[str]:
    return text.split()


FIRST_TURKISH = _words(
    """
Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim Meryem İsmail
Şerife Osman Zehra Yusuf Sultan Murat Hanife Ömer Merve Ramazan Havva Halil Zeliha Süleyman Esra
Abdullah Fadime Mahmut Özlem Recep Hacer Salih Yasemin Fatih Melek Kadir Hülya Emre Sevim Hakan
Gülsüm Adem Leyla Kemal Dilek Yaşar Büşra Bekir Aysel Serkan Songül Bayram Kübra Orhan Tuğba Mesut
Sibel Metin Nurcan Burak Sevgi Furkan Ebru Sinan Derya Gökhan Gamze Uğur Pınar Erkan Hilal Yılmaz
Arzu Onur Selma Volkan Nuray Tolga Rabia Barış Aylin Cem Gül Umut Ceren Kaan Seda Tuncay Burcu
Şükrü Asuman Çağlar İpek Ilgın Işıl Deniz Tülay Eren Nazlı Alp Ece Can Buse Taner Şule Okan Yeliz
"""
)

LAST_TURKISH = _words(
    """
Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin
Kara Koç Kurt Özkan Şimşek Polat Korkmaz Özcan Çakır Erdoğan Yavuz Can Acar Şen Aktaş Güler Yalçın
Güneş Bozkurt Bulut Keskin Turan Ünal Gül Özer Işık Kaplan Avcı Sarı Tekin Taş Köse Yüksel Ateş
Aksoy Tunç Toprak Gündüz Duman Erol Uçar Çiftçi Bayram Soylu Karaca Durmaz Güven Deniz Uysal Akın
Topal Aydoğan Ekinci Gürbüz Baş Karakaya Bilgin Uzun Altun Erdem Kocaman Balcı Çalışkan Demirci
Sezer Öz Ay Er Tan Bal Dal Sönmez Coşkun Özgür Akgül Ertürk Albayrak Candan Varol Başaran Ilıcak
"""
)

FIRST_ABROAD = _words(
    """
James Mary Thomas Anna Michael Sarah David Emma Daniel Laura John Julia Robert Sophie Peter Marie
Andreas Claire Stefan Eva Markus Nina Christian Lena Martin Katharina Jonas Hannah Lukas Léa Hugo
Chloé Louis Camille Jules Manon Pierre Élodie François Hélène Antoine Mathilde Oliver Grace Harry
Charlotte George Olivia Jack Amelia Sean Niamh Liam Aoife Carlos María José Carmen Javier Lucía
Marco Giulia Luca Francesca Alessandro Chiara João Inês Pedro Beatriz Lars Ingrid Søren Åsa Bjørn
Maja Mikkel Freja Łukasz Małgorzata Piotr Agnieszka Jiří Zuzana Tomáš Kateřina Ionuț Ștefania
Dmitri Olga Nikolai Irina Ahmad Layla Omar Noor Hiroshi Yuki Wei Ling Min Jae Arjun Priya Rahul
Ananya
"""
)

LAST_ABROAD = _words(
    """
Smith Müller Johnson Schmidt Williams Martin Brown Schneider Jones Bernard Taylor Fischer Davies
Dubois Wilson Weber Evans Meyer Thomas Durand Wagner Roberts Becker Moreau Walker Schulz Wright
Hoffmann Robinson Laurent Thompson Koch White Bauer Hughes Richter Edwards Klein Green Wolf Hall
Schröder Wood Neumann Harris Schwarz Clarke Zimmermann Jackson Braun García Rossi Fernández Russo
González Ferrari Rodríguez Esposito López Bianchi Martínez Romano Silva Santos Ferreira Pereira
Hansen Johansson Nielsen Andersson Jensen Karlsson Østergaard Nyström Kowalski Nowak Wiśniewski
Novák Svoboda Dvořák Popescu Ionescu Ivanov Petrov Smirnov Haddad Khalil Rahman Tanaka Suzuki Chen
Wang Li Zhang Kim Park Lee Sharma Patel Singh Gupta O'Brien O'Connor MacDonald d'Angelo van-Dijk
"""
)

COMPANY_WORDS = _words(
    """
Kuzey Güney Anadolu Marmara Ege Yıldız Güneş Deniz Öz Yeni Birlik Doğu Batı Altın Mavi Yeşil Çınar
Atlas Nova Delta Alpha Omega Nord Sud Metro Global Prima Optima Terra Aqua Solar Vega Orion Baltic
Rhein Alpen Hansa Thames Severn Loire Rhône Iberia Adria Carpat Baltık Trakya Kapadokya Toros
Fırat
"""
)

COMPANY_TRADES = _words(
    """
Lojistik Tekstil İnşaat Gıda Turizm Otomotiv Enerji Sigorta Yazılım Mobilya Sağlık Tarım Kimya
Ticaret Logistics Foods Textiles Insurance Software Energy Travel Motors Health Trading Metallbau
Spedition Bau Technik Verlag Conseil Transports Assurances Bâtiment Consulting Partners Systems
Medical Group
"""
)

LABELS = ("mobile", "office")

_STARTS = _words(
    """
Ak Al Ar Ay Ba Be Bi Bo Ça Ce Da De Do El Er Fa Ga Gö Ha Ho İl Ka Ke Ko Kü La Le Ma Me Mo Na Ne No
Or Öz Pa Pe Ra Re Ro Sa Se Si So Şa Ta Te To Tu Ul Un Va Ve Ya Ye Yü Za Ze
"""
)

_MIDDLES = _words(
    """
ba be ca da di do ğa ka ke la li lo ma me mi na ne ra ri ro sa se ta te ti ya
"""
)

_ENDS = _words(
    """
er an ik lu oğlu man sen son ski ov ez ini ard ert mann el taş can han dal gil kan
"""
)


def long_tail(rng: random.Random, count: int) -> list[str]:
    """Rare surnames, each once, made of syllables."""
    names: dict[str, None] = {}
    while len(names) < count:
        middle = "".join(rng.choices(_MIDDLES, k=rng.randint(0, 2)))
        names[rng.choice(_STARTS) + middle + rng.choice(_ENDS)] = None
    return list(names)
