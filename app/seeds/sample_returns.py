"""Returns of the sample: rows of a file, where their senders live, and whose contract asks for its word."""

from pathlib import Path

RETURNS = Path(__file__).parent / "sample" / "returns.csv"
APPROVES = ("EXP-3C",)
PLACES = {
    "duisburg": {"address_line1": "Königstr. 12", "postal_code": "47051", "city": "Duisburg", "country_code": "DE",
                 "lat": "51.43", "lon": "6.76"},
    "ontario": {"address_line1": "410 N Euclid Ave", "postal_code": "91762", "city": "Ontario", "country_code": "US",
                "state_code": "CA", "lat": "34.06", "lon": "-117.65"},
    "los angeles": {"address_line1": "1200 S Figueroa St", "postal_code": "90015", "city": "Los Angeles",
                    "state_code": "CA", "country_code": "US", "lat": "34.04", "lon": "-118.26"},
}  # fmt: skip
