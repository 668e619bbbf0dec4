"""Publishing: what an organisation is going to publish, where and when."""
