"""Addresses are found in the city they name, in the country they name, without asking anybody outside."""

import pytest

from app.queries import points


@pytest.mark.parametrize(
    ("kind", "name", "city"),
    [
        (points.KIND_OF_PLACE, "Duisburg overseas warehouse", "Duisburg"),
        (points.KIND_OF_PLACE, "Jiaozhou (SCO demonstration area) origin hub", "Jiaozhou"),
        (points.KIND_OF_PLACE, "Port Said", "Port Said"),
        (points.KIND_IN_CHINESE, "杜伊斯堡海外仓", "杜伊斯堡"),
        (points.KIND_IN_CHINESE, "爱迪生（新泽西）海外仓", "爱迪生"),
    ],
)
def test_the_city_is_what_is_left_of_a_name_without_the_kind_of_place(kind, name, city):
    assert points._city(kind, name) == city


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("hauptstr. 1, 20095 hamburg", "hamburg", True),
        ("hamburger str. 1, berlin", "hamburg", False),
        ("neuhamburg", "hamburg", False),
        ("德国杜伊斯堡市", "杜伊斯堡", True),
    ],
)
def test_a_name_counts_as_a_whole_word(text, name, found):
    assert (points._mentions(text, name) > 0) is found


def test_ports_of_the_sea_lanes_are_known_by_code_and_name():
    rotterdam = next(port for port in points._ports() if "NLRTM" in port.codes)

    assert rotterdam.names == ("rotterdam",)
    assert (round(rotterdam.point.latitude), rotterdam.point.country) == (52, "NL")


@pytest.mark.parametrize(("text", "at"), [("51.43, 6.76", (51.43, 6.76)), ("-33 151.2", (-33.0, 151.2))])
def test_coordinates_are_latitude_and_longitude(text, at):
    assert points._coordinates(text).at == at


@pytest.mark.parametrize("text", ["95, 5", "5, 200", "51.43", "x, y"])
def test_what_is_not_on_the_earth_is_no_coordinate(text):
    assert points._coordinates(text) is None
