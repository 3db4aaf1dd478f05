"""The entity labels: the codebook's, what other pipelines call them, and what they mean in plain words."""

from __future__ import annotations

ENTITY_LABELS = ("PERSON", "ORG", "GPE", "NORP", "LOC", "EVENT", "FAC", "LAW", "PRODUCT")
"""The labels of the default codebook's ``entity`` layer, in its order."""

# What the labels of spaCy's other pipelines are called here. MISC and the like have no equal.
MAPPED = {
    "PER": "PERSON", "PRS": "PERSON", "PS": "PERSON", "persName": "PERSON",
    "ORGANIZATION": "ORG", "OG": "ORG", "orgName": "ORG", "GPE_ORG": "GPE", "GPE_LOC": "GPE",
    "placeName": "GPE", "geogName": "LOC", "LC": "LOC", "NAT_REL_POL": "NORP", "FACILITY": "FAC",
    "EVN": "EVENT", "EVT": "EVENT", "PROD": "PRODUCT", "OBJ": "PRODUCT",
}  # fmt: skip

MEANINGS = {
    "PERSON": "people",
    "ORG": "companies, agencies, parties, alliances",
    "GPE": "countries, cities, states",
    "NORP": "nationalities, religious or political groups",
    "LOC": "regions, mountains, waters without a government",
    "EVENT": "named wars, exercises, summits",
    "FAC": "buildings, bases, airports, roads",
    "LAW": "named treaties and laws",
    "PRODUCT": "weapons, vehicles, things that are made",
}

KINDS = {
    "PERSON": "a person",
    "ORG": "an organisation",
    "GPE": "a country, city or state",
    "NORP": "a people or group",
    "LOC": "a region",
    "EVENT": "an event",
    "FAC": "a building or site",
    "LAW": "a treaty or law",
    "PRODUCT": "a weapon or product",
}
