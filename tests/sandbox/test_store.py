"""The sandbox's store: what was put is there, in order, also after a restart."""

from sandbox.store import Store


def test_put_document_is_found_again(tmp_path):
    store = Store(tmp_path / "deep" / "sandbox.sqlite3")

    store.put("issue", "DESK-1", {"summary": "Žuti čaj", "n": 1})

    assert store.get("issue", "DESK-1") == {"summary": "Žuti čaj", "n": 1}


def test_missing_document_is_none(tmp_path):
    assert Store(tmp_path / "s").get("issue", "DESK-1") is None


def test_documents_come_in_the_order_of_their_first_put(tmp_path):
    store = Store(tmp_path / "s")

    store.put("issue", "b", {"n": 1})
    store.put("issue", "a", {"n": 2})
    store.put("other", "c", {"n": 3})
    store.put("issue", "b", {"n": 4})

    assert store.all("issue") == [{"n": 4}, {"n": 2}]


def test_deleted_document_is_gone(tmp_path):
    store = Store(tmp_path / "s")
    store.put("issue", "a", {"n": 1})

    store.delete("issue", "a")

    assert store.all("issue") == []


def test_next_number_counts_each_kind_by_itself(tmp_path):
    store = Store(tmp_path / "s")

    assert [store.next_number(kind) for kind in ("a", "a", "b")] == [1, 2, 1]


def test_a_second_store_on_the_same_file_goes_on(tmp_path):
    first = Store(tmp_path / "s")
    first.put("issue", "a", {"n": first.next_number("issue")})

    second = Store(tmp_path / "s")

    assert second.all("issue") == [{"n": 1}]
    assert second.next_number("issue") == 2
