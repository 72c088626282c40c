#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr, clippy::disallowed_methods)]
struct P; impl smith_exec::ProvisionProgress for P { fn step(&self,d:u64,t:u64,w:&str){ eprintln!("{d}/{t} {w}"); } }
#[tokio::main] async fn main(){
  let a: Vec<String> = std::env::args().collect();
  let mut o = smith_exec::testing::options();
  o.cache_dir = a[1].clone().into();
  if a.len()>2 && a[2]!="-" { o.python=Some(a[2].clone().into()); }
  if a.len()>3 { o.search_path = Some(a[3].clone().into()); }
  if a.len()>4 { o.offline = true; o.pip_env.clear(); }
  let t=std::time::Instant::now();
  let r = smith_exec::PythonEnv::ensure(&o,&P).await;
  eprintln!("{:?} in {:?}", r, t.elapsed());
  if let Err(e)=r { eprintln!("{e}"); }
}
