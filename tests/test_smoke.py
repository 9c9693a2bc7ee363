def test_app(cast):
    assert cast.tom.id
