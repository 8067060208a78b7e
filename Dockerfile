# One image for all processes: web (hooks and pages), stream, worker, beat, and manage.py.
# docs/operations.md, "The image", says how to build it and what was tried.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /app
# Its own layer, and without pip: what installs stays behind in this stage.
COPY requirements/production.txt requirements/
RUN python3 -m venv --without-pip /opt/venv \
 && python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes \
      --only-binary :all: --disable-pip-version-check -r requirements/production.txt
COPY . .
RUN set -a && . ./deploy/build.env \
 && /opt/venv/bin/python manage.py collectstatic --noinput -v 0 \
 && python3 -m compileall -q .

FROM ${BASE}
LABEL org.opencontainers.image.title="OmniChat for Jira Service Management"
RUN groupadd --system --gid 10001 omnichat \
 && useradd --system --uid 10001 --gid omnichat --no-create-home --home-dir /nonexistent omnichat \
 && install --directory --owner omnichat --group omnichat --mode 0700 /files
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/app/static \
    FILES_DIR=/files
USER 10001:10001
EXPOSE 8000
# Web and stream answer here; worker and beat are asked by `manage.py alive` instead.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "25", "--no-ws", "--log-level", "warning", "omnichat.wsgi:application"]
