# The served edition. One image; docker-compose.yml runs it as web, worker, beat, webhooks and for migrations.

# Versions by name, so that a build gets their security updates; by digest where it must be the same to the byte:
# docker build --build-arg PYTHON_IMAGE=python@sha256:… --build-arg NODE_IMAGE=node@sha256:… .
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM ${PYTHON_IMAGE} AS packages
WORKDIR /app
COPY locks/ locks/
RUN python -m venv /app/.venv \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r locks/uv.txt \
 && uv pip sync --no-cache --python /app/.venv/bin/python --require-hashes --compile-bytecode locks/s3.txt

# What the service is made of, with translations compiled and static files collected.
FROM packages AS built
ENV PATH=/app/.venv/bin:$PATH EDITION=served STATIC_ROOT=/app/staticfiles VAR_DIR=/tmp/changce
COPY --from=assets /app/node_modules node_modules
COPY manage.py pyproject.toml ./
COPY companies companies
COPY policies policies
COPY matching matching
COPY changping changping
COPY locale locale
# The key is for this one command and is not kept.
RUN pybabel --quiet compile -d locale -D django \
 && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgres://build@build.invalid/build REDIS_URL=redis://build.invalid \
    python manage.py collectstatic --noinput --verbosity 0 \
 && rm -r node_modules locks

FROM ${PYTHON_IMAGE} AS product
# The folder of batches is a volume that web and worker share; it takes its owner from here.
RUN useradd --system --create-home --uid 10001 changce \
 && install --directory --owner=changce --mode=700 /var/lib/changce/batches
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    EDITION=served STATIC_ROOT=/app/staticfiles VAR_DIR=/tmp/changce \
    BATCH_DIR=/var/lib/changce/batches
COPY --from=built /app /app
# By number, so that whatever runs it can see that it is not root.
USER 10001
EXPOSE 8000
CMD ["gunicorn", "--bind=0.0.0.0:8000", "--workers=2", "--threads=8", "--max-requests=5000", \
     "--max-requests-jitter=500", "--graceful-timeout=25", "--worker-tmp-dir=/dev/shm", "--no-control-socket", \
     "changping.wsgi"]
