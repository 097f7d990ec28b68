"""gunicorn's settings in production: `gunicorn --config config/gunicorn.py config.wsgi`. Worker and
beat run elsewhere."""

from config import env

bind = env.text("BIND", "127.0.0.1:8000")
workers = env.whole("WEB_PROCESSES", 2, least=1)
worker_class = "gthread"
threads = env.whole("WEB_THREADS", 8, least=1)
timeout = 120
graceful_timeout = 30
max_requests, max_requests_jitter = 10_000, 1_000
forwarded_allow_ips = env.text("PROXIES", "127.0.0.1")
control_socket_disable = True
