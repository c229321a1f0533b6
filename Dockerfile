# The digest decides, the tag says what it is; how to take a newer one: docs/deploy.md.
FROM python:3.11.16-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 VITRINE_DATA_DIR=/data MALLOC_ARENA_MAX=2
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
RUN python -m compileall -q gallery generator \
    && useradd --uid 1000 --no-create-home vitrine \
    && install -d -o vitrine -g vitrine /data

USER vitrine
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "-m", "gallery.server.healthcheck"]
# Everything in one container; docker-compose.yml runs the parts apart.
CMD ["python", "manage.py", "serve"]
