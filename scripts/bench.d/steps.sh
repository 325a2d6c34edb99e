# shellcheck shell=bash
# What the jobs do, as lines of shell; and the repository that is deployed. The floor runs the lines as one script, tools
# without a stock deploy as one command each; windlass and cap have a deploy of their own. Sourced by scripts/bench.
# Reads: work, place.

linked_dirs=(log tmp/pids tmp/cache public/system storage)
linked_files=(config/database.yml config/master.key)

# Each makes a folder inside that of the one before, so the result shows that all have run, once and in order.
commands_steps() {
    local n path=$place/ran
    for n in $(seq 20); do
        path=$path/$n
        echo "mkdir $path"
    done
}

# `@release@` stands for the name of the release.
deploy_steps() {
    local path app=$place/app
    local repo=$app/repo release=$app/releases/@release@ shared=$app/shared
    cat <<STEPS
mkdir -p $app/releases $shared
mkdir -p ${linked_dirs[*]/#/$shared/}
test -f $shared/${linked_files[0]}
test -f $shared/${linked_files[1]}
test -f $repo/HEAD || git clone --quiet --mirror $work/repository $repo
git -C $repo remote set-url origin $work/repository
git -C $repo remote update --prune
mkdir $release
git -C $repo archive --format=tar -o $release/.tar main
tar -x -f $release/.tar -C $release
rm -f $release/.tar
git -C $repo rev-list --max-count=1 main >$release/REVISION
git -C $repo log -1 --pretty=format:%ct main >$release/REVISION_TIME
STEPS
    for path in "${linked_dirs[@]}" "${linked_files[@]}"; do
        echo "mkdir -p $(dirname "$release/$path") && rm -rf $release/$path && ln -s $shared/$path $release/$path"
    done
    cat <<STEPS
ln -sfn $release $app/current.new
mv -fT $app/current.new $app/current
cd $app/releases && ls | sort -r | tail -n +4 | xargs -r rm -rf
echo "Branch main deployed as release @release@ by bench" >>$app/revisions.log
STEPS
}

rollback_steps() {
    local app=$place/app
    cat <<STEPS
ln -sfn \$(ls -d $app/releases/* | sort | tail -n 2 | head -n 1) $app/current.new
mv -fT $app/current.new $app/current
tar -czf $app/rolled-back-release-\$(ls $app/releases | sort | tail -n 1).tar.gz \$(ls -d $app/releases/* | sort | tail -n 1)
rm -rf \$(ls -d $app/releases/* | sort | tail -n 1)
echo "bench rolled back" >>$app/revisions.log
STEPS
}

# 300 files, as a small application has, in an old commit and a new one. The template is a host that runs the old one.
make_repository() {
    local i repository=$work/repository
    mkdir -p "$repository" "$work/template" "$place"
    git -C "$repository" init --quiet --initial-branch=main
    for i in $(seq 300); do
        mkdir -p "$repository/app/part$((i % 10))"
        printf 'line %s of the application\n' $(seq "$((i % 40 + 1))") >"$repository/app/part$((i % 10))/file$i.txt"
    done
    commit old
    make_template
    for i in $(seq 20); do
        echo 'a line more' >>"$repository/app/part$((i % 10))/file$i.txt"
    done
    commit new
}

# Commits everything, and keeps what a release of it must hold: `commit NAME`.
commit() {
    local expected=$work/expected/$1
    git -C "$work/repository" add --all
    git -C "$work/repository" -c user.name=bench -c user.email=bench@localhost -c commit.gpgsign=false \
        commit --quiet -m "the application, $1"
    mkdir -p "$expected"
    git -C "$work/repository" archive main | tar -x -C "$expected"
    git -C "$work/repository" log -1 --pretty=format:'%H %ct' main >"$expected.commit"
}

make_template() {
    {
        echo set -e
        echo "mkdir -p $place/app/shared/config"
        echo "echo 'production: {}' >$place/app/shared/config/database.yml"
        echo "echo secret >$place/app/shared/config/master.key"
        deploy_steps | sed 's/@release@/20200101000000/g'
        echo "cp -a $place/app $work/template/app"
    } >"$work/template/make.sh"
    # On a file system of its own, as on a host, because a release holds the whole path in its links.
    unshare -m --propagation private sh -c "mount -t tmpfs tmpfs $place && sh $work/template/make.sh" >"$work/template/log" 2>&1 \
        || { cat "$work/template/log" >&2; return 1; }
}
